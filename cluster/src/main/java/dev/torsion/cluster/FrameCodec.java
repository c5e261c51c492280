package dev.torsion.cluster;

import dev.torsion.bus.Event;
import dev.torsion.bus.Interest;
import dev.torsion.bus.TopicPattern;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The frames of a link as bytes: one byte for the kind, then its fields.
///
/// The first two fields of a hello, the magic and the version, stay as they are in every version,
/// and so does a goodbye. Within a version new kinds may be added: a node ignores, and counts, what
/// it does not know. What it does know must be exact to the last byte.
final class FrameCodec {
    /// The longest hello and welcome.
    static final int MAX_HELLO = 512;

    static final int VERSION = 1;

    /// How many members are told in one frame: so many fit whatever their names and hosts.
    static final int MEMBERS_PER_FRAME = 10;

    private static final int MAX_MEMBERS = 64;
    private static final int MAGIC = 'T' << 24 | 'O' << 16 | 'R' << 8 | 'S';
    private static final int MAX_NAME = 64;
    private static final int MAX_HOST = 255;
    private static final int MAX_PATTERN = 512 * 3;
    private static final int MAX_GROUP = 128 * 3;
    private static final int MAX_REASON = 1024;
    private static final int PLAIN = 1;
    private static final int NOBODY_MATTERS = 2;
    private static final int GROUPED = 1;

    private FrameCodec() {}

    // ---- write ----

    static Bytes hello(int type, NodeIdentity self, int maxFrameBytes) {
        FrameWriter out = new FrameWriter(128).begin(type).u32(MAGIC).u16(VERSION);
        writeNode(self, out).u32(maxFrameBytes).end(0);
        return out.done();
    }

    static Bytes linked() {
        FrameWriter out = new FrameWriter(8).begin(Frame.LINKED);
        out.end(0);
        return out.done();
    }

    static void writeInterest(Interest interest, int subscriptions, FrameWriter out) {
        String group = interest.group();
        out.begin(Frame.INTEREST).u8(group == null ? 0 : GROUPED).text(interest.pattern().text());
        if (group != null) {
            out.text(group);
        }
        out.u32(subscriptions).end(0);
    }

    /// Writes all of an event's frame but the data itself, which comes next.
    ///
    /// @return the frame's length, data included
    static int writeEventHead(
            Event event,
            boolean plain,
            List<String> groups,
            boolean nobodyMatters,
            FrameWriter out) {
        int flags = (plain ? PLAIN : 0) | (nobodyMatters ? NOBODY_MATTERS : 0);
        out.begin(Frame.EVENT).u8(flags).u16(groups.size());
        for (String group : groups) {
            out.text(group);
        }
        EventCodec.writeHead(event, out);
        return out.end(event.data().size());
    }

    static Bytes heartbeat() {
        FrameWriter out = new FrameWriter(8).begin(Frame.HEARTBEAT);
        out.end(0);
        return out.done();
    }

    static void writeMembers(List<NodeIdentity> members, FrameWriter out) {
        out.begin(Frame.MEMBERS).u16(members.size());
        members.forEach(member -> writeNode(member, out));
        out.end(0);
    }

    static void writeReceived(long events, FrameWriter out) {
        out.begin(Frame.RECEIVED).i64(events).end(0);
    }

    static void writeWithdrawn(FrameWriter out) {
        out.begin(Frame.WITHDRAWN).end(0);
    }

    static void writeCleared(FrameWriter out) {
        out.begin(Frame.CLEARED).end(0);
    }

    static void writeGoodbye(Farewell why, String from, String text, FrameWriter out) {
        String cut = text.substring(0, Math.min(text.length(), MAX_REASON / 3));
        out.begin(Frame.GOODBYE).u8(why.code()).text(from).text(cut).end(0);
    }

    private static FrameWriter writeNode(NodeIdentity node, FrameWriter out) {
        Address.Inet address = node.address();
        return out.text(node.name())
                .i64(node.incarnation())
                .text(address.host())
                .u16(address.port());
    }

    // ---- read ----

    /// @throws MalformedFrameException saying what is wrong
    static Frame read(Bytes bytes, LastEvent last) {
        FrameReader in = new FrameReader(bytes);
        if (in.left() == 0) {
            throw new MalformedFrameException("an empty frame");
        }
        int type = in.u8("kind");
        try {
            Frame frame = readFields(type, in, last);
            if (!(frame instanceof Frame.Unknown || frame instanceof Frame.ForeignHello)) {
                in.end();
            }
            return frame;
        } catch (MalformedFrameException | IllegalArgumentException e) {
            throw new MalformedFrameException(
                    "a malformed " + name(type) + " frame: " + e.getMessage(), e);
        }
    }

    private static Frame readFields(int type, FrameReader in, LastEvent last) {
        return switch (type) {
            case Frame.HELLO -> readHello(in, false);
            case Frame.WELCOME -> readHello(in, true);
            case Frame.LINKED -> new Frame.Linked();
            case Frame.INTEREST -> readInterest(in);
            case Frame.EVENT -> readEvent(in, last);
            case Frame.HEARTBEAT -> new Frame.Heartbeat();
            case Frame.MEMBERS -> readMembers(in);
            case Frame.RECEIVED -> new Frame.Received(in.i64("count"));
            case Frame.WITHDRAWN -> new Frame.Withdrawn();
            case Frame.CLEARED -> new Frame.Cleared();
            case Frame.GOODBYE ->
                    new Frame.Goodbye(
                            Farewell.of(in.u8("reason")),
                            in.text("name", MAX_NAME),
                            in.text("text", MAX_REASON));
            default -> new Frame.Unknown(type);
        };
    }

    private static Frame readHello(FrameReader in, boolean welcome) {
        if (in.i32("magic") != MAGIC) {
            throw new MalformedFrameException("it does not begin with \"TORS\"");
        }
        int version = in.u16("version");
        if (version != VERSION) {
            return new Frame.ForeignHello(version);
        }
        NodeIdentity node = readNode(in);
        int maxFrameBytes = in.i32("longest frame");
        if (maxFrameBytes < ClusterOptions.LEAST_FRAME_BYTES) {
            throw new MalformedFrameException("it takes frames of " + maxFrameBytes + " bytes");
        }
        return welcome
                ? new Frame.Welcome(node, maxFrameBytes)
                : new Frame.Hello(node, maxFrameBytes);
    }

    private static Frame readInterest(FrameReader in) {
        int flags = in.u8("flags");
        if ((flags & ~GROUPED) != 0) {
            throw new MalformedFrameException("flags that mean nothing: " + flags);
        }
        TopicPattern pattern = new TopicPattern(in.text("pattern", MAX_PATTERN));
        @Nullable String group = flags == GROUPED ? in.text("group", MAX_GROUP) : null;
        int subscriptions = in.i32("count");
        if (subscriptions < 0) {
            throw new MalformedFrameException(subscriptions + " subscriptions");
        }
        return new Frame.InterestTold(new Interest(pattern, group), subscriptions);
    }

    private static Frame readEvent(FrameReader in, LastEvent last) {
        int flags = in.u8("flags");
        if ((flags & ~(PLAIN | NOBODY_MATTERS)) != 0) {
            throw new MalformedFrameException("flags that mean nothing: " + flags);
        }
        List<String> groups = readGroups(in);
        boolean plain = (flags & PLAIN) != 0;
        boolean nobodyMatters = (flags & NOBODY_MATTERS) != 0;
        return new Frame.EventSent(EventCodec.read(in, last), plain, groups, nobodyMatters);
    }

    private static List<String> readGroups(FrameReader in) {
        int count = in.u16("groups");
        if (count == 0) {
            return List.of(); // as of most events
        }
        List<String> groups = new ArrayList<>(Math.min(count, 8));
        for (int i = 0; i < count; i++) {
            groups.add(in.text("group", MAX_GROUP));
        }
        return groups;
    }

    private static Frame readMembers(FrameReader in) {
        int count = in.u16("count");
        if (count > MAX_MEMBERS) {
            throw new MalformedFrameException(count + " members, more than " + MAX_MEMBERS);
        }
        List<NodeIdentity> members = new ArrayList<>(Math.min(count, 8));
        for (int i = 0; i < count; i++) {
            members.add(readNode(in));
        }
        return new Frame.MembersTold(members);
    }

    private static NodeIdentity readNode(FrameReader in) {
        return new NodeIdentity(
                in.text("name", MAX_NAME),
                in.i64("incarnation"),
                Address.of(in.text("host", MAX_HOST), in.u16("port")));
    }

    static String name(int type) {
        return switch (type) {
            case Frame.HELLO -> "HELLO";
            case Frame.WELCOME -> "WELCOME";
            case Frame.LINKED -> "LINKED";
            case Frame.INTEREST -> "INTEREST";
            case Frame.EVENT -> "EVENT";
            case Frame.HEARTBEAT -> "HEARTBEAT";
            case Frame.MEMBERS -> "MEMBERS";
            case Frame.GOODBYE -> "GOODBYE";
            case Frame.RECEIVED -> "RECEIVED";
            case Frame.WITHDRAWN -> "WITHDRAWN";
            case Frame.CLEARED -> "CLEARED";
            default -> "unknown (" + type + ")";
        };
    }
}
