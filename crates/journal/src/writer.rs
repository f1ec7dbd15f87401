/// The files and where in them the next record goes.
struct Writer {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    segment_bytes: u64,
    file: File,
    /// End of what is durable in `file`.
    offset: u64,
    seq: u64,
    chain: Hash,
    frontier: Frontier,
    /// The next segment, being filled with zeros beside.
    spare: Option<thread::JoinHandle<io::Result<()>>>,
}

impl Writer {
    fn recover(dir: &Path, options: &Options) -> Result<Self, OpenError> {
        let segment_bytes = options.segment_bytes.max(8 << 20);
        let last = segment::list(dir)?.last().copied();
        let header = SegmentHeader { first_seq: 0, chain: GENESIS, frontier: Frontier::default() };
        let mut writer = Self {
            dir: dir.to_owned(),
            disk: options.disk.clone(),
            segment_bytes,
            file: File::open(dir)?,
            offset: 0,
            seq: header.first_seq,
            chain: header.chain,
            frontier: header.frontier,
            spare: None,
        };
        match last {
            None => writer.start_segment()?,
            Some(first_seq) => writer.resume(first_seq)?,
        }
        Ok(writer)
    }

    /// Reads the last segment to its end and cuts off what was never acknowledged.
    fn resume(&mut self, first_seq: u64) -> Result<(), OpenError> {
        let path = segment::path(&self.dir, first_seq);
        let damaged = |seq| OpenError::Damaged { segment: path.display().to_string(), seq };
        let (mut scan, header) = Scan::open(&path)?;
        let header = header.filter(|header| header.first_seq == first_seq).ok_or_else(|| damaged(first_seq))?;
        (self.seq, self.chain, self.frontier) = (header.first_seq, header.chain, header.frontier);
        let end = loop {
            match scan.next()? {
                Found::Frame(head, payload) if head.seq == self.seq && head.follows(&self.chain, &payload) => {
                    self.accept(&head, &payload);
                }
                end => break end,
            }
        };
        self.offset = scan.offset();
        self.file = OpenOptions::new().read(true).write(true).open(&path)?;
        if scan.proof_that_durable(self.seq)? || matches!(end, Found::Frame(..)) {
            return Err(damaged(self.seq));
        }
        if end == Found::Broken {
            tracing::warn!(seq = self.seq, "cut off a record that was never acknowledged");
        }
        self.clear_rest()?;
        Ok(())
    }

    fn accept(&mut self, head: &FrameHead, payload: &[u8]) {
        self.seq += 1;
        self.chain = head.chain;
        self.frontier.push(payload);
    }

    /// Nothing but zeros may follow, or the remains could be taken for records later.
    fn clear_rest(&mut self) -> io::Result<()> {
        let mut at = self.offset;
        let zeros = vec![0; 1 << 20];
        while at < self.segment_bytes {
            let now = (self.segment_bytes - at).min(zeros.len() as u64);
            self.disk.write_at(&self.file, &zeros[..now as usize], at)?;
            at += now;
        }
        self.disk.flush(&self.file)
    }

    fn head(&self) -> Head {
        let root = if self.seq == 0 { EMPTY_ROOT } else { self.frontier.root() };
        Head { size: self.seq, chain: self.chain, root }
    }

    /// Makes a batch durable. After an error nothing of it counts, whatever the disk may hold.
    fn commit<'a>(&mut self, payloads: impl Iterator<Item = &'a [u8]> + Clone) -> io::Result<()> {
        let bytes: usize = payloads.clone().map(|payload| FRAME_HEAD_BYTES + payload.len()).sum();
        if self.offset + bytes as u64 > self.segment_bytes {
            self.start_segment()?;
        }
        let (mut seq, mut chain, mut frontier) = (self.seq, self.chain, self.frontier.clone());
        let mut buffer = Vec::with_capacity(bytes);
        for payload in payloads {
            let head = FrameHead::new(seq, self.seq, &chain, payload);
            buffer.extend_from_slice(&head.encode());
            buffer.extend_from_slice(payload);
            (seq, chain) = (seq + 1, head.chain);
            frontier.push(payload);
        }
        self.disk.write_at(&self.file, &buffer, self.offset)?;
        self.disk.flush(&self.file)?;
        self.offset += buffer.len() as u64;
        (self.seq, self.chain, self.frontier) = (seq, chain, frontier);
        if self.offset > self.segment_bytes / 2 && self.spare.is_none() {
            self.prepare_spare();
        }
        Ok(())
    }

    fn spare_path(&self) -> PathBuf {
        self.dir.join("next.spare")
    }

    fn prepare_spare(&mut self) {
        let (disk, path, bytes) = (self.disk.clone(), self.spare_path(), self.segment_bytes);
        let job = move || disk.allocate(&path, bytes).map(drop);
        self.spare = thread::Builder::new().name("journal-spare".into()).spawn(job).ok();
    }

    /// Goes on in a fresh file. Also the way out after a failed flush: what the page cache says of
    /// the old file can no longer be believed, and readers stop in it where the new one begins.
    fn start_segment(&mut self) -> io::Result<()> {
        let spare = self.spare_path();
        let prepared = self.spare.take().is_some_and(|job| job.join().is_ok_and(|made| made.is_ok()));
        if !prepared {
            self.disk.allocate(&spare, self.segment_bytes)?;
        }
        let file = OpenOptions::new().read(true).write(true).open(&spare)?;
        let header = SegmentHeader { first_seq: self.seq, chain: self.chain, frontier: self.frontier.clone() };
        self.disk.write_at(&file, &header.encode(), 0)?;
        self.disk.flush(&file)?;
        std::fs::rename(&spare, segment::path(&self.dir, self.seq))?;
        File::open(&self.dir)?.sync_all()?;
        (self.file, self.offset) = (file, HEADER_BYTES);
        Ok(())
    }
}
