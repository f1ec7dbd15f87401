//! The machine that the figures hold for.

use anyhow::{Context, Result};
use std::{fs, thread};

/// Processor, how many of them, memory.
pub fn description() -> Result<String> {
    let processors = thread::available_parallelism()?;
    let cpu = fs::read_to_string("/proc/cpuinfo").context("/proc/cpuinfo")?;
    let memory = fs::read_to_string("/proc/meminfo").context("/proc/meminfo")?;
    let model = value_of(&cpu, "model name").unwrap_or("unknown processor");
    let memory = value_of(&memory, "MemTotal").unwrap_or("unknown memory");
    Ok(format!("{processors} × {model}, {memory}"))
}

fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs
        .map(|(name, value)| (name.trim(), value.trim()))
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_key() {
        assert_eq!(value_of("processor\t: 0\nmodel name\t: Model X\n", "model name"), Some("Model X"));
        assert_eq!(value_of("MemTotal:  100 kB\n", "SwapTotal"), None);
    }
}
