//! Waiting within a call, for programs: until something came, or the time is over.

use super::answers::{self, Outcome};
use super::arguments::{self, Wait};
use super::desk::{Desk, no_room};
use super::envelope::Object;
use crate::auth::Principal;
use crate::core::Millis;
use crate::inbox::{Caller, Errand, NoRoom, Waited};
use crate::wire::Code;
use std::pin::Pin;
use std::time::Duration;

/// How often somebody who waits hears that all is well: hosts give up on a call that is silent for a minute, some of
/// them sooner.
const PROGRESS: Duration = Duration::from_secs(5);

/// Tells somebody how long they have waited, and for how long they will at most, in seconds.
pub type Tell<'t> = &'t (dyn Fn(u64, u64) -> Told + Send + Sync);
pub type Told = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Desk {
    /// Waits, and shows what came. Dropping the future gives the place free, and nothing is lost.
    pub async fn wait(&self, principal: Principal, arguments: Object, tell: Option<Tell<'_>>) -> Outcome {
        let wait: Wait = match arguments::read(arguments) {
            Ok(wait) => wait,
            Err(wrong) => return Outcome::failed(Code::InvalidMessage, wrong),
        };
        let Ok(_place) = self.waits.try_acquire() else { return no_room() };
        let caller = self.services.caller(principal, wait.puch_user_id.as_str());
        match self.until_something_came(caller, wait.seconds(), tell).await {
            Ok(Waited::Superseded) => answers::superseded(),
            Ok(Waited::Came | Waited::InVain) => {
                match self.services.inboxes.call(caller, None, Errand::Read).await {
                    Ok(page) => answers::came(page),
                    Err(NoRoom) => no_room(),
                }
            }
            Err(NoRoom) => no_room(),
        }
    }

    async fn until_something_came(
        &self,
        caller: Caller,
        seconds: u64,
        tell: Option<Tell<'_>>,
    ) -> Result<Waited, NoRoom> {
        let (clock, stop) = (self.services.hub.clock(), &self.services.stop);
        let begun = clock.now();
        let waiting = self.services.inboxes.wait(caller, Duration::from_secs(seconds));
        tokio::pin!(waiting);
        loop {
            let next = clock.now().plus(Millis::from(PROGRESS));
            tokio::select! {
                biased;
                waited = &mut waiting => return waited,
                // Their inbox closes at the same time: what it still says of where they are may be wrong.
                () = stop.cancelled() => return Err(NoRoom),
                () = clock.until(next), if tell.is_some() => {
                    if let Some(tell) = tell {
                        tell(waited_since(begun, clock.now()), seconds).await;
                    }
                }
            }
        }
    }
}

fn waited_since(begun: Millis, now: Millis) -> u64 {
    now.since(begun).0 / 1_000
}
