package dev.torsion.protocols.amp;

import java.util.concurrent.CompletionStage;

/// Answers a command.
@FunctionalInterface
public interface Answerer<Q extends Record, T> {

    /// Called on the loop of the connection; must not block (see
    /// [dev.torsion.reactor.Reactor#callInThread] for work that does).
    ///
    /// @param question its arguments
    /// @param from the connection it came on, to call back on
    /// @return completes, on any thread, with the answer, or with the exception that is the answer
    /// @throws Exception which is an answer too
    CompletionStage<T> answer(Q question, AmpProtocol from) throws Exception;
}
