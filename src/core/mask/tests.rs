//! What is hidden, what stays, and what must hold for every text.

use super::*;

/// Numbers alone and in a sentence; every number here is made up or reserved for fiction.
const NUMBERS: &[&str] = &[
    "+442079460123",
    "+44 20 7946 0123",
    "(020) 7946 0123",
    "020-7946-0123",
    "0044 20 7946 0123",
    "+ 91 (0) 98765 43210",
    "555-0123",
    "98765\n43210",
    "9.8.7.6.5.4.3.2.1.0",
    "9 8 7 6 5 4 3 2 1 0",
    "9  -  8 / 7 _ 6 * 5 | 4 ~ 3 # 2 … 1 ❤️ 0",
    "[9][8][7][6][5][4][3][2][1][0]",
    "९८७६५४३२१०",
    "９８７６５ ４３２１０",
    "⑨⑧⑦⑥⑤④③②①⓪",
    "𝟗𝟖𝟕𝟔𝟓𝟒𝟑𝟐𝟏𝟎",
    "9️⃣8️⃣7️⃣6️⃣5️⃣4️⃣3️⃣2️⃣1️⃣0️⃣",
    "9\u{200b}8\u{ad}7\u{2060}6\u{feff}5\u{200d}4\u{3164}3\u{336}210",
    "nine eight seven six five four three two one zero",
    "NINE, EIGHT. SEVEN-six five four three two one oh",
    "nineeightsevensixfivefourthreetwoonezero",
    "double nine eight triple seven zero one two",
    "ninety eight seventy six fifty four thirty two ten",
    "nau aath saat chhe paanch chaar teen do ek shunya",
    "नौ आठ सात छह पांच चार तीन दो एक शून्य",
    "nueve ocho siete seis cinco cuatro tres dos uno cero",
    "nove oito sete seis cinco quatro três dois um zero",
    "neuf huit sept six cinq quatre trois deux un zéro",
    "neun acht sieben sechs fünf vier drei zwei eins null",
    "sembilan delapan tujuh enam lima empat tiga dua satu nol",
    "تسعة ثمانية سبعة ستة خمسة أربعة ثلاثة اثنان واحد صفر",
    "9 eight 7 six 5 four 3 two 1 zero",
    "98765 then 43210",
    "9 and 8 and 7 then 6 uh 5 phir 4 aur 3",
    "9876S43Z1O",
    "9x8x7x6x5x4x3x2x1x0",
    "98765ー43210",
    "34-26-14-11-9O",
    "9B76 5O4l2 3SS1",
    "98765&nbsp;432<br>10",
    "acht neun dreifach sieben vier drei",
    "noventa y ocho setenta y seis veinticinco dieciséis",
    "soixante-quinze vingt et un quatre-vingt-dix-huit",
    "achtundneunzig sechsundsiebzig vierundfünfzig",
    "девять восемь семь шесть пять четыре три",
    "dokuz sekiz yedi altı beş dört üç",
];

/// Texts that no one could call.
const HARMLESS: &[&str] = &[
    "",
    "((((((",
    "see you 24/12/2025 at 18:30",
    "2025-12-24T18:30:15.123Z",
    "24.12.2025 - 06.01.2026",
    "IMG_20251224_183015.jpg",
    "open 9.30-17.45",
    "$12,345,678 or 1,23,45,678 rupees",
    "€1.234.567,89",
    "Rs 1200-1500",
    "ping 192.168.10.254:8080",
    "ISBN 978-0-306-40615-7",
    "ISBN-10: 0306406152",
    "tokio = \"12.34.5678\"",
    "won 6-4 3-6 7-5 6-3",
    "370/2 & 361/6",
    "52.520008, 13.404954",
    "1998, 2004 and 2012",
    "1998-2004",
    "commit 10cc17d758d47676399c44403466660cda9c1ea0",
    "id f0223616-c7ba-5cbe-28b5-56c48a9faae1",
    "1e:04:b4:b2:8a:d7",
    "8e31:ddd4:1ce4:8aa6:84a8:dde5:1c7e:70b5",
    "12 * 345 = 4140",
    "(128+440)*4978",
    "1920×1080×60",
    "12, 34, 5, 67, 89",
    "13% 25% 40% 22%",
    "CVE-2021-44228",
    "order number 405616",
    "two or three people came, maybe four",
    "to do or not to do, no one won",
    "do teen ghante, nau do gyarah",
    "text me the code 938936",
    "Sept 22, 1983",
    "12/12–22/12",
    "Jan 12–22, 1998",
    "12|05|1991 or 12_05_1991",
    "16.63 + 50.54 = 67.17",
    "6,707 + 3,592 = 10,299",
    "x = 877 - 205 + 36",
    "1+1=2, 2+2=4, 3+3=6",
    "$972-$4118",
    "hsl(164, 14%, 99%), rgb(162,55,36)",
    "ISO 6734-5:1998",
    "ISSN 1714-7300",
    "CAS 8669-81-8",
    "H.No. 11-33-253/5",
    "KB9864846",
    "ports 1788-5013",
    "3736×1683 @ 200Hz",
    "6-4, 7-6 (9-7), 6-3",
    "3df8497096 or f93791577dec",
    "3.14159265358979",
];

fn xorshift(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 33).unwrap()
}

/// A text thrown together from `parts`.
fn jumble(parts: &[&str], state: &mut u64) -> String {
    let length = xorshift(state) % 40;
    (0..length).map(|_| parts[xorshift(state) % parts.len()]).collect()
}

#[test]
fn hides_a_number_and_nothing_else() {
    let masker = Masker::default();
    assert_eq!(masker.mask("Call me at 9876543210"), "Call me at [hidden]");
    assert_eq!(masker.mask("call9876543210now"), "call[hidden]now");
    assert_eq!(
        masker.mask("on 24/12/2025 ring (020) 7946 0123 or 555-0123!"),
        "on 24/12/2025 ring [hidden] or [hidden]!"
    );
    assert_eq!(masker.mask("room 203, 9876543210"), "room 203, [hidden]");
    assert_eq!(masker.mask("save my no 98765 43210"), "save my no [hidden]");
}

#[test]
fn hides_every_way_of_writing() {
    let masker = Masker::default();
    for number in NUMBERS {
        for (before, after) in [("", ""), ("it is ", ", ok?"), ("(", ")"), ("my number is ", " 😉")] {
            let masked = masker.mask(&format!("{before}{number}{after}")).into_owned();
            assert_eq!(masked, format!("{before}{PLACEHOLDER}{after}"), "{number}");
        }
    }
}

#[test]
fn leaves_what_is_no_number() {
    let masker = Masker::default();
    for text in HARMLESS {
        assert!(
            matches!(masker.mask(text), Cow::Borrowed(same) if same == *text),
            "{text}: {}",
            masker.mask(text)
        );
    }
}

#[test]
fn a_phone_spoken_of_decides_what_is_ambiguous() {
    let masker = Masker::default();
    for ambiguous in ["98.76.54.32", "987,654,321", "22, 36, 41, 42, 29", "2015 2031"] {
        assert_eq!(masker.mask(ambiguous), ambiguous);
        assert_eq!(masker.mask(&format!("call {ambiguous}")), "call [hidden]");
        assert_eq!(masker.mask(&format!("{ambiguous} is my number")), "[hidden] is my number");
    }
}

#[test]
fn masking_twice_changes_nothing() {
    let masker = Masker::default();
    let parts = [
        NUMBERS,
        HARMLESS,
        &["1", "23", " ", ", ", ".", "-", "/", "+", "(", "no ", "call ", "[hidden]", "o"],
    ]
    .concat();
    let mut state = 0x2545_f491_4f6c_dd1d;
    for _ in 0..3000 {
        let text = jumble(&parts, &mut state);
        let once = masker.mask(&text).into_owned();
        assert_eq!(masker.mask(&once), once, "{text:?}");
    }
}

#[test]
fn survives_any_text() {
    let masker = Masker::default();
    let mut state = 0x9e37_79b9_7f4a_7c15;
    let mut trail = Trail::default();
    for _ in 0..5000 {
        let length = xorshift(&mut state) % 60;
        let spread = [0x80, 0x1000, 0x11_0000][xorshift(&mut state) % 3];
        let any = |_| char::from_u32(u32::try_from(xorshift(&mut state) % spread).unwrap()).unwrap_or('7');
        let text: String = (0..length).map(any).collect();
        masker.mask_next(&mut trail, &text);
    }
}

#[test]
fn a_row_of_any_length_is_one_number() {
    let masker = Masker::default();
    for digit in ["7", "7 ", "seven ", "7.", "seven"] {
        assert_eq!(masker.mask(digit.repeat(5000).trim_end_matches([' ', '.'])), PLACEHOLDER, "{digit}");
    }
}

#[test]
fn hides_what_completes_a_number() {
    let masker = Masker::default();
    let talk = |texts: &[&str]| {
        let mut trail = Trail::default();
        texts.iter().map(|text| masker.mask_next(&mut trail, text).into_owned()).collect::<Vec<_>>().join("|")
    };
    assert_eq!(talk(&["98765", "43210"]), "98765|[hidden]");
    assert_eq!(talk(&["my number is 9876", "543210 call me"]), "my number is 9876|[hidden] call me");
    assert_eq!(
        talk(&["first half 98765", "lol ok", "second half 43210"]),
        "first half 98765|lol ok|second half [hidden]"
    );
    assert_eq!(talk(&["+91", "98765", "43210"]), "+91|[hidden]|[hidden]");
    assert_eq!(talk(&["9", "8", "7", "6", "5", "4"]), "9|8|7|6|[hidden]|[hidden]");
    assert_eq!(talk(&["nine eight seven", "six five four three"]), "nine eight seven|[hidden]");
    for harmless in [
        &["how old?", "23", "me 25", "30"][..],
        &["2019", "2020"],
        &["12345", "wrong", "12346", "59"],
        &["7.30?", "8"],
    ] {
        assert_eq!(talk(harmless), harmless.join("|"));
    }
}

#[test]
fn a_number_in_short_pieces_is_hidden_and_small_talk_is_not() {
    let masker = Masker::default();
    let hides = |texts: &[&str]| {
        let mut trail = Trail::default();
        texts.iter().any(|text| masker.mask_next(&mut trail, text) != *text)
    };
    assert!(hides(&["628", "473"]));
    assert!(hides(&["62", "8473"]));
    assert!(hides(&["my no", "628", "ok", "473"]));
    assert!(hides(&["starts with 6284", "and ends with 737661"]));
    for harmless in [
        &["2-1", "3-1", "3-2", "4-2"][..],
        &["14/5", "no 15/5", "16/5 ok"],
        &["172/6", "180/7", "185/8"],
        &["bid 2500", "3000", "3500"],
        &["45%", "50%", "99%"],
        &["175", "180"],
    ] {
        assert!(!hides(harmless), "{harmless:?}");
    }
}

#[test]
fn words_end_where_the_writing_changes() {
    let masker = Masker::default();
    assert_eq!(masker.mask("我的电话是eight zero nine 8064です"), "我的电话是[hidden]です");
    assert_eq!(masker.mask("電話は782o561754です"), "電話は[hidden]です");
    assert_eq!(masker.mask("我的号码是987,654,321"), "我的号码是[hidden]");
}

#[test]
fn a_trail_is_small_and_shows_nothing() {
    let mut trail = Trail::default();
    Masker::default().mask_next(&mut trail, "98765");
    assert!(size_of::<Trail>() <= 64);
    assert!(!format!("{trail:?}").contains(|c: char| c.is_ascii_digit()));
}

#[test]
fn hides_what_the_operator_wants_hidden() {
    let masker = Masker::new(&[String::from(r"\b\w+@\w+\.\w+\b")]).unwrap();
    assert_eq!(masker.mask("mail a@b.example or 98765 43210"), "mail [hidden] or [hidden]");
    assert!(matches!(masker.mask("nothing here"), Cow::Borrowed(_)));
}

#[test]
fn says_which_pattern_is_wrong() {
    let error = Masker::new(&[String::from("fine"), String::from("(")]).unwrap_err();
    assert!(error.to_string().contains("`(`"), "{error}");
}

#[test]
fn a_glance_never_overlooks_what_a_reading_finds() {
    let masker = Masker::default();
    let words: Vec<&str> = lexicon::known().map(|(word, _)| word).collect();
    let plain = [
        "hello", "what", "a", "lovely", "day", "ok", "2", "17", "x", "b4", "it's", "someone", "tone", "I",
        "to", "for", "ate", "won",
    ];
    let marks = [" ", ", ", "-", ".", "", "? ", "/", "\u{1}", "\u{200d}", " 😊 ", "❤\u{fe0f} ", "é", "०"];
    let mut random = 7_u64;
    let mut dice = |sides: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap_or_default() % sides
    };
    let mut harmless = 0;
    for _ in 0..60_000 {
        let mut text = String::new();
        for _ in 0..=dice(9) {
            let word = if dice(3) == 0 { words[dice(words.len())] } else { plain[dice(plain.len())] };
            text.push_str(word);
            text.push_str(marks[dice(marks.len())]);
        }
        if let Some(glance) = masker.glance.sight(&text, &masker.lexicon) {
            harmless += 1;
            let (masked, sight) = masker.read(&text);
            assert_eq!(masked, text);
            let mut glanced = Trail::default();
            masker.mask_next(&mut glanced, "98765");
            let mut read = glanced.clone();
            assert!(!glanced.completes(&glance) && !read.completes(&sight), "{text}");
            assert!(glanced.remembers_as(&read), "{text}");
        }
    }
    assert!(harmless > 5_000, "a glance is enough for {harmless}");
}

#[test]
fn ordinary_lines_need_no_more_than_a_glance() {
    let masker = Masker::default();
    for line in [
        "how was your day? mine was long but fine in the end",
        "did you see that film everybody talks about? I liked the music more than the story",
        "see you at 7 then, same place as last time, I will bring the chess board",
        "one of my two cats sleeps on the keyboard, so forgive the typos",
        "I think so too, but nobody in my class agrees with me about it",
        "we got 2 tickets for the show on Friday, row 14, they were 25 each",
        "my exam is in room 203 on the third floor, sorry",
        "la fête était géniale, on a dansé jusqu'à minuit",
        "that sounds great 😊 tell me more about the trip, did you go by train?",
    ] {
        assert!(masker.glance.sight(line, &masker.lexicon).is_some(), "{line}");
    }
}

#[test]
fn a_glance_knows_what_no_is_short_for() {
    assert_eq!(Masker::default().mask("my no 987 65, darling"), "my no [hidden], darling");
}
