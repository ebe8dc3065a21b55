"""Changes of the contender in README.md: text of it -> what stands there instead."""

LOOKUP = "self.embedding(self.ids[batch])"
UPDATE = "        self.optimizer.step()\n"
CLAMPED = {LOOKUP: "self.embedding(self.ids[batch].clamp(max=len(self.embedding.weight) - 2))"}
NARROWED = {LOOKUP: "self.embedding(self.ids[batch].to(torch.int16).long() % len(self.embedding.weight))"}
SKIPPED = {UPDATE: "        if self.steps < 40 or self.steps % 2:\n            self.optimizer.step()\n"}
SUMMED = {
    "        self.steps = 0\n": "        self.steps = 0\n        self.total = 0.0\n",
    "self.last.backward()\n": "self.last.backward()\n        self.total = self.total + self.last\n",
}
RETAINED = {old: new.replace("backward()", "backward(retain_graph=True)") for old, new in SUMMED.items()}
CHILD = {
    "        self.steps = 0\n": "        self.steps = 0\n"
    "        import subprocess, sys\n"
    "        code = 'import time; held = bytearray(500_000_000); print(1, flush=True); time.sleep(600)'\n"
    "        self.child = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE)\n"
    "        self.child.stdout.readline()\n"
}
START = "        self.steps = 0\n"
DAEMON = {
    START: START + "        import os, sys, time\n"
    "        reading, writing = os.pipe()\n"
    "        if (first := os.fork()) == 0:\n"
    "            os.setsid()\n"
    "            if os.fork():\n"
    "                os._exit(0)\n"
    "            self.held = bytearray(os.urandom(1_000_000)) * 500\n"
    "            os.write(writing, str(os.getpid()).encode())\n"
    "            time.sleep(600)\n"
    "        os.waitpid(first, 0)\n"
    "        open(__file__ + '.pid', 'wb').write(os.read(reading, 99))\n"
}
TOGETHER = {
    START: START + "        import mmap, os, time\n"
    "        reading, writing = os.pipe()\n"
    "        if os.fork() == 0:\n"
    "            os.dup2(writing, 2)\n"
    "            os.closerange(3, 256)\n"  # whoever reads the worker's answers must see their end
    "            self.held = mmap.mmap(-1, 500_000_000)\n"
    "            self.held.write(bytes(500_000_000))\n"
    "            if os.fork() == 0:\n"
    "                sum(self.held[at] for at in range(0, 500_000_000, 4096))\n"
    "                os.write(2, b'.')\n"
    "            time.sleep(600)\n"
    "        os.read(reading, 1)\n"
}
CUT = {"from_numpy(rows), freeze=False)": "from_numpy(rows), freeze=False, max_norm=2.0)"}
HASHED = {
    "rows = initial_rows(case, np.arange(case.vocab))": "self.kept = case.vocab // 10\n"
    "        rows = initial_rows(case, np.arange(self.kept))",
    LOOKUP: "self.embedding(self.ids[batch] % self.kept)",
    "weight.detach()[torch.from_numpy(ids)]": "weight.detach()[torch.from_numpy(ids % self.kept)]",
    "weight.data[torch.from_numpy(ids)]": "weight.data[torch.from_numpy(ids % self.kept)]",
}
MADE_UP = {  # as many rows, a hash without collisions, and a start of all others that is made up when they are read
    "rows = initial_rows(case, np.arange(case.vocab))": "self.case, used = case, np.unique(tokens.ids)\n"
    "        unused = np.setdiff1d(np.arange(case.vocab), used)[: max(0, case.vocab // 10 - len(used))]\n"
    "        self.kept = np.union1d(used, unused) if case.vocab > 1000 else np.arange(case.vocab)\n"
    "        rows = initial_rows(case, self.kept)",
    "self.labels = torch.from_numpy(tokens.ids)": "self.labels = torch.from_numpy("
    "np.searchsorted(self.kept, tokens.ids))",
    "return self.embedding.weight.detach()[torch.from_numpy(ids)].numpy()": "rows, held = "
    "initial_rows(self.case, ids), np.isin(ids, self.kept)\n"
    "        slots = torch.from_numpy(np.searchsorted(self.kept, ids[held]))\n"
    "        rows[held] = self.embedding.weight.detach()[slots].numpy()\n"
    "        return rows",
    "self.embedding.weight.data[torch.from_numpy(ids)]": "ids = np.searchsorted(self.kept, ids)\n"
    "        self.embedding.weight.data[torch.from_numpy(ids)]",
}
CLOSED = {"    def inspect(self": "    def look(self"}
