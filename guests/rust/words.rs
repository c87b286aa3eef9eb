//! words: the most frequent words of its input, or of the files that it is given. `words -n N` shows N of them.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::{env, fs, process};

fn count(input: impl io::Read, counts: &mut HashMap<String, u64>) -> io::Result<()> {
    for line in BufReader::new(input).lines() {
        for word in line?.split(|c: char| !c.is_ascii_alphabetic()) {
            if !word.is_empty() {
                *counts.entry(word.to_ascii_lowercase()).or_insert(0) += 1;
            }
        }
    }
    Ok(())
}

fn main() {
    let mut counts = HashMap::new();
    let mut shown = 10;
    let mut files = 0;
    let mut failed = false;
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "-n" {
            // What cannot be parsed is a panic: a line on standard error, and a trap.
            shown = arguments.next().expect("-n wants a number").parse().unwrap();
            continue;
        }
        files += 1;
        if let Err(error) = fs::File::open(&argument).and_then(|file| count(file, &mut counts)) {
            eprintln!("words: {argument}: {error}");
            failed = true;
        }
    }
    if files == 0 {
        count(io::stdin(), &mut counts).unwrap();
    }
    let mut words: Vec<_> = counts.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut out = io::BufWriter::new(io::stdout());
    for (word, count) in words.iter().take(shown) {
        writeln!(out, "{count} {word}").unwrap();
    }
    out.flush().unwrap();
    process::exit(failed as i32);
}
