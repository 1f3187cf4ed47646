use super::*;

const DATE: Duration = Duration::from_secs(1_800_000_000);

#[test]
fn a_token_opens_what_it_is_for() {
    let keeper = Gatekeeper::new(Mode::Token, "user token", Some("admin token"));
    let user = keeper.admit(Some("user token"), DATE).expect("it is ours");
    let admin = keeper.admit(Some("admin token"), DATE).expect("it is ours");
    for scope in Scope::ALL {
        assert!(admin.may(scope) && !user.may(scope), "{scope:?}");
    }
    assert_ne!(user.namespace(), admin.namespace());
    assert_eq!((user.user("anna"), user.until), ("anna", None));
}

#[test]
fn what_is_nearly_a_token_is_none() {
    let keeper = Gatekeeper::new(Mode::Token, "token", None);
    for wrong in ["toke", "token ", " token", "tokens", "TOKEN", "tok\0en", "a.b.c"] {
        assert_eq!(keeper.admit(Some(wrong), DATE), Err(Denied::Unknown), "{wrong:?}");
    }
    for missing in [None, Some("")] {
        assert_eq!(keeper.admit(missing, DATE), Err(Denied::Missing));
    }
}

#[test]
fn without_authentication_everybody_may_come_in_and_nobody_is_an_administrator() {
    let keeper = Gatekeeper::new(Mode::None, "token", Some("admin"));
    let anybody = keeper.admit(None, DATE).expect("nobody asks");
    assert!(anybody.may(Scope::Bridge) && !anybody.may(Scope::Admin) && !anybody.may(Scope::Agent));
    assert_eq!(keeper.admit(Some("wrong"), DATE), Err(Denied::Unknown));
    assert!(keeper.admit(Some("admin"), DATE).expect("it is ours").may(Scope::Admin));
    assert_eq!(keeper.holder(None, DATE), Err(Denied::Missing));
    assert_eq!(format!("{keeper:?}"), "Gatekeeper(None)");
}

#[test]
fn where_jwts_are_asked_for_the_token_for_everybody_opens_the_doors_that_always_ask() {
    let jwts = Jwts::of_secret("a secret of thirty-two characters", Rules::default());
    let keeper = Gatekeeper::new(Mode::Jwt(Arc::new(jwts)), "user token", Some("admin token"));
    let user = keeper.holder(Some("user token"), DATE).expect("it is ours");
    assert_eq!((user.holder, user.may(Scope::Bridge)), (Holder::User, false));
    assert_eq!(keeper.admit(Some("user token"), DATE), Err(Denied::Unknown));
    assert!(keeper.admit(Some("admin token"), DATE).expect("it is ours").may(Scope::Bridge));
    assert_eq!(keeper.admit(None, DATE), Err(Denied::Missing));
    assert_eq!(keeper.admit(Some("wrong"), DATE), Err(Denied::Unknown));
    assert_eq!(format!("{keeper:?}"), "Gatekeeper(Jwt(Jwts(HS256)))");
}
