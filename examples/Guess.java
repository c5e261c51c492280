import dev.torsion.netty.NettyReactor;
import dev.torsion.protocols.blocking.*;
import dev.torsion.reactor.*;
import java.time.Duration;

/// Lets each caller guess a number, in blocking style. Try it with: nc -C 127.0.0.1 8889
void play(BlockingConnection<Bytes> player) throws Exception {
    int number = player.call(() -> player.reactor().random().nextInt(1, 101));
    player.send(Bytes.utf8("I think of a number from 1 to 100."));
    for (int guesses = 1; ; guesses++) {
        Bytes guess = player.receiveWithin(Duration.ofMinutes(1));
        if (guess == null) {
            return;
        }
        int difference = Integer.compare(Integer.parseInt(guess.utf8().strip()), number);
        if (difference == 0) {
            player.send(Bytes.utf8("Yes, and you needed " + guesses + "."));
            return;
        }
        player.send(Bytes.utf8(difference < 0 ? "More." : "Less."));
    }
}

void main(String[] arguments) {
    int port = arguments.length == 0 ? 8889 : Integer.parseInt(arguments[0]);
    Reactor reactor = NettyReactor.create();
    ProtocolFactory factory = Conversation.over(Framing.lines(), this::play);
    IO.println("Listening on " + reactor.listenTcp(port, factory).address());
    reactor.run();
}
