//! A document: its lines, and the blocks of code in it.

use std::fs;
use std::path::Path;

/// A file of the repository that people read.
pub struct Document {
    /// From the root of the repository, with slashes.
    pub path: String,
    pub text: String,
}

/// Code between fences.
pub struct Block {
    /// What follows the opening fence.
    pub language: String,
    /// The line above the opening fence.
    pub above: String,
    /// The number of its first line in the document.
    pub first: usize,
    pub text: String,
}

impl Document {
    #[track_caller]
    pub fn read(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path));
        let text = text.unwrap_or_else(|error| panic!("{path} is promised, and can't be read: {error}"));
        Self { path: path.to_owned(), text }
    }

    /// Every document of the repository: those in its root, and those in `docs`.
    pub fn all() -> Vec<Self> {
        let mut paths = Vec::new();
        for folder in ["", "docs", "docs/decisions", "examples"] {
            let Ok(entries) = fs::read_dir(root().join(folder)) else { continue };
            let names =
                entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
            let documents = names.filter(|name| name.ends_with(".md"));
            paths.extend(
                documents.map(|name| Path::new(folder).join(name).to_str().expect("UTF-8").to_owned()),
            );
        }
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(at, line)| (at + 1, line))
    }

    /// A place in it, as editors understand it.
    pub fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }

    /// Whether `name` stands in it as code: `` `name` ``.
    pub fn names(&self, name: &str) -> bool {
        self.text.contains(&format!("`{name}`"))
    }

    pub fn blocks(&self) -> Vec<Block> {
        let (mut blocks, mut open, mut above) = (Vec::new(), None::<Block>, "");
        for (number, line) in self.lines() {
            let fence = line.trim_start().strip_prefix("```");
            match (&mut open, fence) {
                (None, Some(language)) => {
                    let (language, above) = (language.trim().to_owned(), above.trim().to_owned());
                    open = Some(Block { language, above, first: number + 1, text: String::new() });
                }
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(block), None) => block.text.extend([line, "\n"]),
                (None, None) => {}
            }
            above = line;
        }
        assert!(open.is_none(), "{}: a block of code has no end", self.path);
        blocks
    }

    /// The first block in this language.
    #[track_caller]
    pub fn first(&self, language: &str) -> Block {
        let mut blocks = self.blocks().into_iter().filter(|block| block.language == language);
        blocks.next().unwrap_or_else(|| panic!("{} has no block of {language}", self.path))
    }
}

impl Block {
    /// Its lines with their numbers in the document, without empty ones.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (self.first + at, line));
        lines.filter(|(_, line)| !line.trim().is_empty())
    }
}

/// The words that stand as code in a text.
pub fn code_words(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Where the repository is.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn blocks_are_found_with_their_place() {
    let text = "# A\n\n<!-- client -->\n```json\n{\n}\n```\ntext\n```sh\nls\n```\n";
    let document = Document { path: "a.md".to_owned(), text: text.to_owned() };
    let blocks = document.blocks();
    assert_eq!((blocks[0].above.as_str(), blocks[0].first), ("<!-- client -->", 5));
    assert_eq!((blocks[1].language.as_str(), blocks[1].text.as_str()), ("sh", "ls\n"));
    assert_eq!(blocks[0].lines().collect::<Vec<_>>(), [(5, "{"), (6, "}")]);
}
