//! A working directory and an environment for one test.

use std::fs;
use std::path::PathBuf;

use strowger::config::{Flag, Loaded, Settings, SettingsError, Source};

/// What a process would find around it. Nothing of the real one gets in.
pub struct Room {
    pub dir: PathBuf,
    variables: Vec<(String, String)>,
    flags: Vec<Flag>,
}

impl Room {
    /// Two tests must not give the same name; tests without files may.
    pub fn new(name: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("settings").join(name);
        let _ = fs::remove_dir_all(&dir);
        Self { dir, variables: Vec::new(), flags: Vec::new() }
    }

    pub fn file(self, path: &str, text: &str) -> Self {
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn flag(mut self, flag: &str, key: &str, value: &str) -> Self {
        self.flags.push(Flag::new(flag, key, value));
        self
    }

    pub fn try_load(&self) -> Result<Loaded, SettingsError> {
        Settings::load(self.flags.iter().cloned(), self.variables.iter().cloned(), &self.dir)
    }

    #[track_caller]
    pub fn load(&self) -> Loaded {
        self.try_load().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The one line that the start stops with.
    #[track_caller]
    pub fn refusal(&self) -> String {
        let error = self.try_load().expect_err("this was to be refused").to_string();
        assert_eq!(error.lines().count(), 1, "one line: {error}");
        error
    }
}

/// Asks for one setting.
pub trait Of {
    fn of(&self, key: &str) -> (String, Source);
}

impl Of for Loaded {
    fn of(&self, key: &str) -> (String, Source) {
        let found = self.values.iter().find(|value| value.key == key).expect("there is such a setting");
        (found.value.clone(), found.source.clone())
    }
}
