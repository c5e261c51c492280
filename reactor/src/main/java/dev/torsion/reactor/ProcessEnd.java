package dev.torsion.reactor;

import org.jspecify.annotations.Nullable;

/// How a program ended.
public sealed interface ProcessEnd {

    /// It exited by itself.
    ///
    /// @param code 0 to 255, and 0 for success
    record Exited(int code) implements ProcessEnd {
        @Override
        public String toString() {
            return "exited with code " + code;
        }
    }

    /// A signal ended it; or it exited with code 128 + `signal`, as a shell does whose last command
    /// was ended by that signal: the JDK tells the two not apart.
    ///
    /// @param signal the number, 1 to 64; see [Signal#of]
    record Killed(int signal) implements ProcessEnd {
        @Override
        public String toString() {
            @Nullable Signal known = Signal.of(signal);
            return "killed by signal " + signal + (known == null ? "" : " (" + known + ")");
        }
    }

    /// It never ran, or was killed at once, see [Kind#REFUSED].
    ///
    /// @param why in a sentence, naming the program, or the directory it was to run in
    record NotStarted(Kind kind, String why) implements ProcessEnd {

        /// What kept a program from starting.
        public enum Kind {
            /// There is no such program.
            NOT_FOUND,
            /// There is, and it is nothing that this process may execute, or the system can.
            NOT_EXECUTABLE,
            /// The directory it was to run in is not there.
            NO_DIRECTORY,
            /// Its arguments and environment are more than the system takes.
            TOO_LARGE,
            /// The reactor was being stopped.
            STOPPED,
            /// The system refused for another reason, such as having no memory for it. If it had no
            /// thread to attend to the program, that may have run for a moment, and was killed. Of
            /// one whose end the JDK cannot wait for, only Linux tells which process it is:
            /// elsewhere it runs on unattended, until it ends by itself.
            REFUSED
        }

        /// There is no such program; if its name looks like a whole command line, with what to do.
        /// (The arguments, which may be secret, are not repeated.)
        ///
        /// @param why in a sentence without its full stop, which the cure may follow
        public static NotStarted notFound(Program program, String why) {
            String[] words = program.command().getFirst().strip().split("\\s+", 2);
            String cure =
                    words.length == 1
                            ? ""
                            : "; no shell takes a command line apart: give its arguments one by"
                                    + " one, as in Program.of(\"%s\", …)".formatted(words[0]);
            return new NotStarted(Kind.NOT_FOUND, why + cure);
        }

        @Override
        public String toString() {
            return "not started: " + why;
        }
    }

    /// What the JDK's exit value means.
    static ProcessEnd ofExitValue(int value) {
        return value > 128 && value <= 128 + 64 ? new Killed(value - 128) : new Exited(value);
    }
}
