//! The line of a JSON pointer, for people and code scanners.

/// The line, from 1, where the value of a pointer begins; nothing, if there is none.
pub fn line(text: &str, pointer: &str) -> Option<usize> {
    let mut at = Cursor { bytes: text.as_bytes(), at: 0 };
    for step in pointer.split('/').skip(1) {
        at.enter(&step.replace("~1", "/").replace("~0", "~"))?;
    }
    at.space();
    Some(1 + text.get(..at.at)?.matches('\n').count())
}

/// A place in well-formed JSON.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Goes to a member of an object or an item of a list.
    fn enter(&mut self, step: &str) -> Option<()> {
        self.space();
        let list = match self.peek()? {
            b'{' => false,
            b'[' => true,
            _ => return None,
        };
        self.at += 1;
        for index in 0_usize.. {
            self.space();
            if matches!(self.peek()?, b'}' | b']') {
                return None;
            }
            let found = if list { step.parse() == Ok(index) } else { self.key()? == step };
            if found {
                return Some(());
            }
            self.value()?;
            self.space();
            if self.peek()? == b',' {
                self.at += 1;
            }
        }
        None
    }

    /// A key and the colon behind it.
    fn key(&mut self) -> Option<String> {
        let start = self.at;
        self.string()?;
        let key = serde_json::from_slice(&self.bytes[start..self.at]).ok()?;
        self.space();
        self.at += 1;
        Some(key)
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        while self.peek()? != b'"' {
            self.at += if self.peek()? == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        Some(())
    }

    /// Passes over a value.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            self.space();
            match self.peek()? {
                b'"' => self.string()?,
                b'{' | b'[' => {
                    (depth, self.at) = (depth + 1, self.at + 1);
                    continue;
                }
                b'}' | b']' => (depth, self.at) = (depth - 1, self.at + 1),
                b',' | b':' => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    while self
                        .peek()
                        .is_some_and(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
                    {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_pointer_has_a_line() {
        let text = "{\n \"a\": {\"x\": [1, {\"y\": \"}\"}]},\n \"b/c\": [\n  true,\n  {\"d\": null}\n ]\n}";
        for (pointer, expected) in [
            ("", Some(1)),
            ("/a/x/1/y", Some(2)),
            ("/b~1c", Some(3)),
            ("/b~1c/1/d", Some(5)),
            ("/b~1c/2", None),
            ("/none", None),
        ] {
            assert_eq!(line(text, pointer), expected, "{pointer}");
        }
    }
}
