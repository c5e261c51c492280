package dev.torsion.reactor;

import java.time.Duration;

/// How a loop is doing, at one moment.
///
/// A turn goes from the first call of user code after the loop has waited to the last before it
/// waits again. Peaks are those of the last 30 to 60 seconds in which the loop did something.
///
/// @param turns how many turns there were
/// @param busyTime how long they took together; its growth per second is how full the loop is
/// @param longestTurn the longest turn; a peak
/// @param longestLag how late a delayed or queued call ran at most; a peak
/// @param queueDepth calls that wait for the loop now
/// @param slowestCall how long the slowest call of user code took, from the end of the call before
///   it in the same turn on: what the loop did in between, such as reading a socket, counts; a peak
/// @param slowestCallee which one that was, as `class.method`; empty if there was none
/// @param callsOverLimit how many calls held the loop longer than they may
public record LoopMetrics(
        long turns,
        Duration busyTime,
        Duration longestTurn,
        Duration longestLag,
        int queueDepth,
        Duration slowestCall,
        String slowestCallee,
        long callsOverLimit) {}
