//! Programs that make faults: strace, faketime, mount, prlimit. One that is missing is an error,
//! never a fault that is left out.

use anyhow::{Context, Result, bail, ensure};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A program that needs the rights of root: it is called as root, or through sudo where that asks
/// for no password.
pub fn privileged(program: &str) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// Runs a program to its end; an unsuccessful one is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?} cannot be run"))?;
    ensure!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

pub fn signal(pid: u32, signal: &str) -> Result<()> {
    run(Command::new("kill").args([&format!("-{signal}"), &pid.to_string()]))
}

/// Sets limits of a process that runs.
pub fn limit(pid: u32, limit: &str) -> Result<()> {
    run(privileged("prlimit").args(["--pid", &pid.to_string(), limit]))
}

/// The calls by which files are made durable.
const FLUSHES: &str = "fsync,fdatasync,msync,sync_file_range";

/// What happens to a process's flushes while this lives.
pub struct Flushes(Child);

impl Flushes {
    /// `fault` as strace writes it, such as `error=EIO:when=3+`.
    pub fn fault(pid: u32, fault: &str) -> Result<Self> {
        let mut strace = privileged("strace");
        strace.args(["-f", "-o", "/dev/null", "-e", "signal=none", "-p", &pid.to_string()]);
        strace.args(["-e", &format!("trace={FLUSHES}"), "-e", &format!("inject={FLUSHES}:{fault}")]);
        let mut strace = strace
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("strace is not installed; on Debian or Ubuntu: apt-get install -y strace")?;
        let said = BufReader::new(strace.stderr.take().context("stderr is piped")?);
        for line in said.lines() {
            let line = line?;
            if line.contains("attached") {
                return Ok(Self(strace));
            }
            if line.contains("attach:") || line.contains("Invalid") || line.contains("invalid") {
                bail!("strace: {line}");
            }
        }
        bail!("strace did not attach to the registry")
    }

    /// Lets the process go.
    pub fn end(mut self) -> Result<()> {
        // Already gone when the process it watched has ended.
        let _gone = signal(self.0.id(), "TERM");
        self.0.wait()?;
        Ok(())
    }
}

/// A volume of its own, of a fixed size, in memory.
pub struct Volume(PathBuf);

impl Volume {
    /// Puts the folder as it is on a volume.
    pub fn under(folder: &Path, mebibytes: u32) -> Result<Self> {
        let before = folder.with_extension("before");
        std::fs::rename(folder, &before)?;
        std::fs::create_dir(folder)?;
        let volume = Self::mount(folder, mebibytes)?;
        run(Command::new("cp").arg("-a").arg(before.join(".")).arg(folder))?;
        std::fs::remove_dir_all(before)?;
        Ok(volume)
    }

    fn mount(at: &Path, mebibytes: u32) -> Result<Self> {
        let mut mount = privileged("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m,mode=0777"), "anzheng-chaos"]).arg(at);
        run(&mut mount).context("a volume of a fixed size needs the rights of root")?;
        Ok(Self(at.to_owned()))
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Leaves not a page.
    pub fn fill(&self) -> Result<()> {
        use std::io::Write;
        let mut file = std::fs::File::create(self.filler())?;
        for chunk in [1 << 20, 4096, 1] {
            while file.write_all(&vec![b'x'; chunk]).is_ok() {}
        }
        Ok(())
    }

    pub fn free(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.filler())?)
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // What still holds it open keeps it until then.
        let _gone = privileged("umount").arg("--lazy").arg(&self.0).output();
    }
}

/// The library that shows a process another time of day.
pub fn faketime() -> Result<PathBuf> {
    let output = Command::new("faketime").args(["-f", "+0", "printenv", "LD_PRELOAD"]).output();
    let output =
        output.context("faketime is not installed; on Debian or Ubuntu: apt-get install -y faketime")?;
    let libraries = String::from_utf8(output.stdout)?;
    let library = libraries.trim().split([':', ' ']).find(|library| library.contains("libfaketime"));
    let plain = PathBuf::from(library.context("faketime names no library")?);
    // The one for programs with several threads lies beside it.
    Ok(plain.with_file_name("libfaketimeMT.so.1"))
}
