//! Reads Rust sources as far as the checks need: what is code, what is test code, where functions end.
//!
//! It is a scanner and no parser. Strings and comments are blanked first, so that a word in them counts for
//! nothing and every brace counts.

use std::fs;
use std::ops::Range;
use std::path::Path;

/// One file. Lines are counted from 0 and shown from 1.
pub struct Source {
    /// From the root of the repository, with slashes.
    pub path: String,
    /// The text with comments and the contents of strings blanked, line by line.
    pub code: Vec<String>,
    test: Vec<bool>,
    documented: bool,
}

/// Where everything is a test. Races need what is private to the hub.
const TESTS: &[&str] = &["tests/", "src/hub/races"];

/// A function with a body.
pub struct Function {
    pub name: String,
    pub lines: Range<usize>,
}

/// All Rust files below these folders of the repository, in order.
pub fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in folders {
        collect(&root.join(folder), &mut paths);
    }
    paths.sort();
    let relative = |path: &Path| path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
    paths.iter().map(|path| Source::new(&relative(path), &fs::read_to_string(path).unwrap())).collect()
}

fn collect(folder: &Path, paths: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("node_modules") {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let code: Vec<String> = blank(text).lines().map(str::to_owned).collect();
        let all_test = path.ends_with("/tests.rs") || TESTS.iter().any(|place| path.contains(place));
        let mut test = vec![all_test; code.len()];
        for start in (0..code.len()).filter(|line| code[*line].trim() == "#[cfg(test)]") {
            test[item(&code, start)].fill(true);
        }
        Self { path: path.to_owned(), code, test, documented: text.starts_with("//!") }
    }

    pub fn begins_with_module_docs(&self) -> bool {
        self.documented
    }

    /// `src/core/queue.rs` belongs to `core`.
    pub fn module(&self) -> Option<&str> {
        self.path.strip_prefix("src/")?.split(['/', '.']).next()
    }

    /// How many `super::` lead from here to the crate's root.
    pub fn depth(&self) -> usize {
        self.path.trim_start_matches("src/").split('/').count()
    }

    /// The lines that are not test code, with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines_where(false)
    }

    pub fn test_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines_where(true)
    }

    fn lines_where(&self, test: bool) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.code.iter().map(String::as_str).enumerate();
        lines.filter(move |(line, _)| self.test[*line] == test)
    }

    /// All functions that are not test code.
    pub fn functions(&self) -> Vec<Function> {
        let starts = self.lines().filter_map(|(line, code)| Some((line, function_name(code)?.to_owned())));
        let with_body = |(line, name)| {
            let lines = item(&self.code, line);
            let has_body = self.code[lines.clone()].iter().any(|code| code.contains('{'));
            has_body.then_some(Function { name, lines })
        };
        starts.filter_map(with_body).collect()
    }

    pub fn at(&self, line: usize) -> String {
        format!("{}:{}", self.path, line + 1)
    }
}

/// Whether `word` stands in `code` on its own.
pub fn has_word(code: &str, word: &str) -> bool {
    let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].ends_with(part_of_a_word) && !code[at + word.len()..].starts_with(part_of_a_word)
    })
}

/// `fn` followed by a name: without one it is a type.
fn function_name(code: &str) -> Option<&str> {
    let at = if code.starts_with("fn ") { 0 } else { code.find(" fn ")? + 1 };
    let rest = &code[at + 3..];
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

/// The lines of the item that begins at `start`: to the brace that closes its first one, or to a semicolon.
fn item(code: &[String], start: usize) -> Range<usize> {
    let (mut braces, mut others) = (0, 0);
    for (line, text) in code.iter().enumerate().skip(start) {
        for c in text.chars() {
            match c {
                '{' => braces += 1,
                '}' => braces -= 1,
                '(' | '[' => others += 1,
                ')' | ']' => others -= 1,
                _ => {}
            }
            if braces == 0 && others == 0 && matches!(c, '}' | ';') {
                return start..line + 1;
            }
        }
    }
    start..code.len()
}

/// Replaces comments and the contents of strings by spaces.
fn blank(text: &str) -> String {
    let text: Vec<char> = text.chars().collect();
    let mut blanked = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let end = opaque_end(&text, at);
        let hidden = text[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' });
        blanked.extend(hidden);
        if end == at {
            blanked.push(text[at]);
            at += 1;
        }
        at = at.max(end);
    }
    blanked
}

/// Where the comment, string or character that begins at `at` ends; `at` itself if none does.
fn opaque_end(text: &[char], at: usize) -> usize {
    // `br"..."` is a raw string too; `for"` is not one, and is not written either.
    let after_a_word =
        at > 0 && text[at - 1] != 'b' && (text[at - 1].is_alphanumeric() || text[at - 1] == '_');
    match text[at..] {
        ['/', '/', ..] => find(text, at, &['\n']),
        ['/', '*', ..] => comment_end(text, at),
        ['r', '"' | '#', ..] if !after_a_word => raw_string_end(text, at),
        ['"', ..] => quoted_end(text, at, '"'),
        ['\'', '\\', ..] | ['\'', _, '\'', ..] => quoted_end(text, at, '\''),
        _ => at,
    }
}

/// The next place where `wanted` stands, or the end of the text.
fn find(text: &[char], from: usize, wanted: &[char]) -> usize {
    (from..text.len()).find(|at| text[*at..].starts_with(wanted)).unwrap_or(text.len())
}

/// Comments nest.
fn comment_end(text: &[char], at: usize) -> usize {
    let (mut at, mut depth) = (at, 0);
    while at < text.len() {
        match text[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] if depth == 1 => return at + 2,
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

fn raw_string_end(text: &[char], at: usize) -> usize {
    let hashes = text[at + 1..].iter().take_while(|c| **c == '#').count();
    if text.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let mut close = vec!['"'];
    close.resize(1 + hashes, '#');
    (find(text, at + hashes + 2, &close) + close.len()).min(text.len())
}

fn quoted_end(text: &[char], at: usize, quote: char) -> usize {
    let mut at = at + 1;
    while at < text.len() && text[at] != quote {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

#[test]
fn what_is_not_code_is_blanked() {
    let code = blank("a /* { /* } */ */ b \"}\\\"\" 'c' '\\'' <'d> r#\"}\"#; // e\nf br\"\\\" r#type");
    assert_eq!(code.split_whitespace().collect::<String>(), "ab<'d>;fbr#type");
    assert_eq!(code.lines().count(), 2);
}

#[test]
fn test_code_is_told_apart() {
    let text =
        "fn a() {}\n#[cfg(test)]\nmod tests;\nfn b() {\n}\n#[cfg(test)]\nmod tests {\n fn c() { }\n}\n";
    let source = Source::new("src/x.rs", text);
    let names: Vec<_> = source.functions().into_iter().map(|function| function.name).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(source.lines().count(), 3);
    assert_eq!(Source::new("src/x/tests.rs", text).lines().count(), 0);
}

#[test]
fn functions_end_with_their_brace() {
    let text = "pub fn a<F>(f: fn(u8) -> [u8; 2])\nwhere F: Fn(),\n{\n if x {\n }\n}\ntrait T { \n fn b(&self);\n}\n";
    let functions = Source::new("src/x.rs", text).functions();
    assert_eq!(functions.len(), 1);
    assert_eq!(functions[0].lines, 0..6);
}
