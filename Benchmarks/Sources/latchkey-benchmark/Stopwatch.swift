import Glibc

/// The cost of one run of some work, in microseconds of this thread's processor time.
///
/// The least of many samples: on a busy machine other processes only ever add. Every sample is long enough to drown the
/// clock's own resolution.
func microseconds(_ body: () -> Int) -> Double {
    var sink = 0
    var runs = 1
    while sample(runs, body, &sink) < 500, runs < 1_000_000 { runs *= 2 }
    let least = (0..<60).map { _ in sample(runs, body, &sink) }.min() ?? 0
    if sink == .min { print("") }  // the results are used, so the work cannot be left out
    return least / Double(runs)
}

private func sample(_ runs: Int, _ body: () -> Int, _ sink: inout Int) -> Double {
    let start = processorTime()
    for _ in 0..<runs { sink &+= body() }
    return processorTime() - start
}

private func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}
