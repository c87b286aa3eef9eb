//! What of Rust's standard library reaches the system: `std ended|exit|overflow|index|main` shows the rest of its table and ends so.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};
use std::{env, process, thread};

struct Told(&'static str);

impl Drop for Told {
    fn drop(&mut self) {
        println!("dropped {}", self.0);
    }
}

fn files(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("a/b"))?;
    fs::write(folder.join("a/one"), "first\nsecond\n")?;
    OpenOptions::new().append(true).open(folder.join("a/one"))?.write_all(b"third\n")?;
    let mut file = File::open(folder.join("a/one"))?;
    let mut text = String::new();
    file.seek(SeekFrom::Start(6))?;
    file.read_to_string(&mut text)?;
    println!("{text:?} of {}", file.metadata()?.len());
    fs::rename(folder.join("a/one"), folder.join("a/b/two"))?;
    fs::copy(folder.join("a/b/two"), folder.join("three"))?;
    let mut names = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        names.insert(entry.file_name(), entry.file_type()?.is_dir());
    }
    println!("{names:?}");
    println!("{:?}", File::open(folder.join("none")).map_err(|error| error.kind()).err());
    println!("{:?}", fs::create_dir(folder.join("a")).map_err(|error| error.kind()).err());
    println!("{}", fs::remove_dir(folder.join("a")).is_err());
    fs::remove_dir_all(folder)?;
    println!("{}", folder.exists());
    Ok(())
}

fn main() -> Result<(), String> {
    let end = env::args().nth(1).unwrap_or_default();
    println!("{:?} {:?}", env::var("GREETING"), env::var("NOBODY"));
    println!("{:?}", io::stdin().lock().lines().collect::<Result<Vec<_>, _>>());
    files(Path::new("/tmp/rust-std")).unwrap();
    let started = Instant::now();
    thread::sleep(Duration::from_millis(20));
    println!("slept: {}", started.elapsed() >= Duration::from_millis(20));
    println!("time: {}", SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() > 1_600_000_000);
    println!("threads: {}", thread::Builder::new().spawn(|| ()).is_ok());
    println!("commands: {}", process::Command::new("true").status().is_ok());
    let _told = Told("at the end of main");
    let numbers: Vec<i32> = end.bytes().map(i32::from).collect();
    match end.as_str() {
        "exit" => process::exit(7),
        "overflow" => println!("{}", numbers[0] * (i32::MAX - numbers[1])),
        "index" => println!("{}", numbers[numbers.len()]),
        "main" => return Err("main says no".into()),
        _ => {}
    }
    Ok(())
}
