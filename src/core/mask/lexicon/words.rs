//! The words themselves, language by language. Spelling is free: case and accents are folded away before
//! comparing.

use super::{Label, Meaning, Role, Weight};
use crate::core::mask::glyph::{self, Marks};

const fn number(role: Role, weight: Weight) -> Meaning {
    Meaning::Number { role, weight }
}

const ZERO: Meaning = number(Role::Zero, Weight::Strong);
const UNIT: Meaning = number(Role::Unit, Weight::Strong);
const TENS: Meaning = number(Role::Tens, Weight::Strong);
const PAIR: Meaning = number(Role::Pair, Weight::Strong);
const WEAK: Meaning = number(Role::Unit, Weight::Weak);
const WEAK_ZERO: Meaning = number(Role::Zero, Weight::Weak);
const HOMOPHONE: Meaning = number(Role::Unit, Weight::Homophone);

/// Words and what they mean; where a word is given twice, the first meaning holds.
pub(super) const KNOWN: &[(Meaning, &str)] = &[
    // English
    (ZERO, "zero nought naught zilch ziro zerro xero"),
    (UNIT, "siks sicks"),
    (
        UNIT,
        "one two three four five six seven eight nine niner fife sevn sevan eigt eigth nien thre foor fiv fyv",
    ),
    (PAIR, "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"),
    (TENS, "twenty thirty forty fourty fifty sixty seventy eighty ninety"),
    (WEAK_ZERO, "oh o null nil"),
    (HOMOPHONE, "to too for fore won ate tree"),
    (Meaning::Times(2), "double dubble dbl"),
    (Meaning::Times(3), "triple tripple treble"),
    (Meaning::Times(4), "quadruple"),
    // Hindi, in Roman and Devanagari letters
    (ZERO, "shunya shoonya sunya shunye शून्य सिफर ज़ीरो जीरो sifar"),
    (UNIT, "ek doh tin teen chaar char paanch panch paach panj chhe che chha chhah chah"),
    (UNIT, "chhai saat aath ath aat nau naw"),
    (WEAK, "do no sat nao"),
    (UNIT, "एक दो तीन चार पांच पाँच पाच छह छः छ छै छे सात आठ नौ"),
    (PAIR, "das gyarah barah terah chaudah pandrah solah satrah atharah unnis bees tees"),
    (PAIR, "ikkis bais teis chaubis pachis chabbis sattais atthais untis battis paintis chalis"),
    (PAIR, "paintalis pachas pachpan painsath sattar pachhattar assi pachasi nabbe pachanve"),
    (PAIR, "दस ग्यारह बारह बीस तीस चालीस पचास साठ सत्तर अस्सी नब्बे"),
    (UNIT, "वन टू थ्री फोर फाइव सिक्स सेवन एट नाइन"),
    (Meaning::Times(2), "डबल dabal"),
    (Meaning::Times(3), "ट्रिपल"),
    // Spanish and Portuguese
    (ZERO, "cero"),
    (UNIT, "uno dos tres cuatro cinco seis siete ocho nueve"),
    (PAIR, "diez doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte"),
    (PAIR, "veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete"),
    (PAIR, "veintiocho veintinueve"),
    (TENS, "treinta cuarenta cincuenta sesenta setenta ochenta noventa"),
    (UNIT, "dois duas três quatro sete oito nove meia"),
    (WEAK, "um uma un una une"),
    (
        PAIR,
        "dez onze doze dezesseis dezessete dezoito dezenove vinte trinta quarenta cinquenta sessenta oitenta",
    ),
    (Meaning::Times(2), "doble duplo dobro"),
    (Meaning::Times(3), "triplo"),
    // French
    (ZERO, "zéro"),
    (UNIT, "deux trois quatre cinq huit neuf"),
    (WEAK, "sept once"),
    (PAIR, "dix douze treize quatorze quinze seize vingts"),
    (TENS, "vingt trente quarante cinquante soixante septante huitante nonante"),
    // German
    (ZERO, "nul"),
    (UNIT, "eins zwei zwo drei vier fünf fuenf sechs sieben acht neun"),
    (WEAK, "ein eine"),
    (UNIT, "einund zweiund dreiund vierund fünfund sechsund siebenund achtund neunund"),
    (PAIR, "zehn elf zwölf zwoelf dreizehn vierzehn fünfzehn sechzehn siebzehn"),
    (PAIR, "achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig"),
    (PAIR, "neunzig"),
    (Meaning::Times(2), "doppel doppelt zweimal"),
    (Meaning::Times(3), "dreifach dreimal"),
    // Indonesian
    (ZERO, "nol kosong"),
    (UNIT, "satu dua tiga empat lima enam tujuh delapan lapan sembilan"),
    (PAIR, "sepuluh sebelas"),
    (Meaning::Times(2), "dobel"),
    // Arabic
    (ZERO, "صفر sifr"),
    (UNIT, "واحد واحدة إثنان اثنان اثنين اثنتان اتنين ثلاثة ثلاث تلاتة أربعة أربع اربعة اربع"),
    (UNIT, "خمسة خمس ستة ست سبعة سبع ثمانية ثماني ثمان تمانية تسعة تسع"),
    (UNIT, "ثلاثه اربعه خمسه سته سبعه ثمانيه تسعه wahid ithnan ithnayn thalatha arbaa khamsa"),
    (UNIT, "sitta sabaa thamaniya tisaa"),
    // Chinese, Japanese and Korean, sign by sign
    (ZERO, "零 〇 공 영"),
    (UNIT, "一 二 三 四 五 六 七 八 九 壹 贰 貳 叁 參 肆 伍 陆 陸 柒 捌 玖 两 幺 일 이 삼 사 오 육 칠 팔 구"),
    // Russian, Italian, Turkish, Dutch, Polish
    (ZERO, "ноль нуль sıfır"),
    (UNIT, "один одна два две три четыре пять шесть семь восемь девять"),
    (UNIT, "quattro cinque sette otto"),
    (WEAK, "tre due sei"),
    (UNIT, "bir iki üç dört beş altı yedi sekiz dokuz"),
    (UNIT, "twee vijf zes zeven negen"),
    (WEAK, "een"),
    (UNIT, "jeden dwa trzy cztery pięć sześć siedem osiem dziewięć"),
    // Bengali, Tamil, Urdu and Persian
    (ZERO, "শূন্য பூஜ்யம் பூஜ்ஜியம்"),
    (UNIT, "এক দুই তিন চার পাঁচ ছয় ছয় সাত আট নয় নয়"),
    (UNIT, "ஒன்று இரண்டு மூன்று நான்கு ஐந்து ஆறு ஏழு எட்டு ஒன்பது"),
    (UNIT, "ایک تین چار پانچ چھ سات آٹھ یک سه چهار پنج شش هفت هشت"),
    (WEAK, "دو نو نه"),
    // What joins numbers
    (Meaning::Joins(Marks::AND), "and puluh belas n aur और y e et und dan و uh um hmm umm er like"),
    (
        Meaning::Joins(Marks::THEN),
        "then phir fir next uske baad first last second half followed by luego puis dann",
    ),
    (Meaning::Joins(Marks::THEN), "lalu depois sonst kemudian ثم फिर"),
    (
        Meaning::Joins(Marks::NAMED),
        "dash comma dot hyphen space point minus slash star underscore plus guion tiret",
    ),
    (Meaning::Joins(Marks::NAMED), "strich punto ponto nbsp br wbr shy ensp emsp thinsp"),
    // Phones
    (Meaning::Phone, "phone phones number numbers nambar numbr num nmbr mobile mob cell cellphone cel"),
    (Meaning::Phone, "tel telephone telefon telefone"),
    (Meaning::Phone, "telefono teléfono telepon telpon handphone hp ph phn fon fone whatsapp watsapp"),
    (Meaning::Phone, "whtsapp wa wpp zap signal telegram viber imo"),
    (Meaning::Phone, "call calling callme ring dial text txt sms msg message contact contacts facetime"),
    (Meaning::Phone, "landline hotline helpline numara telefonum номер телефон звони numéro"),
    (Meaning::Phone, "número numero nummer nomor nomer llámame llama llamame appelle appelez anruf"),
    (Meaning::Phone, "anrufen ruf ligue liga hubungi"),
    (Meaning::Phone, "नंबर नम्बर फोन फ़ोन मोबाइल कॉल व्हाट्सएप رقم رقمي هاتف جوال موبايل واتساب اتصل"),
    (Meaning::Reach, "reach hit ping add save buzz drop get gimme holler"),
    (Meaning::Me, "me us my mine mujhe mera mere apna"),
    // Words that add nothing to a number
    (Meaning::Idle, "is its it s am the on at hai ye yeh so ok okay pe par karo kar hi hey up es est"),
    (Meaning::Idle, "ist é adalah part starts start ends end with begins rest"),
    // Corrections
    (Meaning::Correction, "wrong oops sorry nope typo galat incorrect invalid expired mistake"),
    // What other numbers are
    (
        Meaning::Label(Label::Money),
        "rs inr usd eur gbp aed cad aud jpy cny brl chf sek nok zar ngn kes mxn idr rp",
    ),
    (
        Meaning::Label(Label::Money),
        "rupees rupee rupaye dollars dollar euros euro pounds bucks lakh lakhs crore",
    ),
    (
        Meaning::Label(Label::Money),
        "crores reais pesos dirhams riyals yen huf ft vnd thb php myr sgd krw lkr npr bdt pkr pln czk dkk",
    ),
    (
        Meaning::Label(Label::Money),
        "rub uah egp hkd twd nzd kr baht ringgit taka lira zloty rand shillings yuan rmb btc eth",
    ),
    (Meaning::Label(Label::Money), "price budget salary cost paid pay fee rent loan amount total रुपये रुपए"),
    (
        Meaning::Label(Label::Count),
        "people views users followers likes subscribers population votes km miles",
    ),
    (Meaning::Label(Label::Count), "inhabitants habitantes einwohner habitants orang steps hrs hours"),
    (Meaning::Label(Label::Book), "isbn issn"),
    (Meaning::Label(Label::Coordinate), "lat lon long lng latitude longitude"),
    (
        Meaning::Label(Label::Version),
        "v ver version build release python tokio node rust kernel firmware rfc section",
    ),
    (Meaning::Label(Label::Version), "chapter arxiv doi driver"),
    (
        Meaning::Label(Label::Reference),
        "order invoice bug roll token ticket booking room flat seat pnr otp code pin",
    ),
    (
        Meaning::Label(Label::Reference),
        "issue account cve flight port ports vlan rooms zip zipcode postcode plz cep pages",
    ),
];

/// Words for a phone in writing that leaves no spaces between words.
const PHONES_UNSPACED: [&str; 7] = ["电话", "電話", "手机", "手機", "号码", "番号", "携帯"];

/// Whether a word that has no spaces around it, being Chinese or Japanese, holds one for a phone.
pub(super) fn speaks_of_phone(word: &str) -> bool {
    let unspaced = word.as_bytes().first().is_some_and(|lead| glyph::IDEOGRAPHS.contains(lead));
    unspaced && PHONES_UNSPACED.iter().any(|phone| word.contains(phone))
}
