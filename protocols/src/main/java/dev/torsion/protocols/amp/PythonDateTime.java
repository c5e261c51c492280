package dev.torsion.protocols.amp;

import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A moment in 32 characters, `2012-01-23T12:34:56.054321-00:00`: microseconds, whole minutes of
/// offset, a minus sign for UTC.
///
/// What is finer is cut off: nanoseconds, and an offset's seconds (the moment stays). Years are 1
/// to 9999, offsets at most 18 hours, as in [ZoneOffset].
final class PythonDateTime {
    private static final Pattern FORM =
            Pattern.compile(
                    "([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\\.([0-9]{6})"
                            + "([+-])([0-9]{2}):([0-9]{2})");
    private static final int NANOS_PER_MICRO = 1000;

    private PythonDateTime() {}

    static String write(OffsetDateTime given) throws AmpException.Unsendable {
        int offsetMinutes = given.getOffset().getTotalSeconds() / 60;
        OffsetDateTime time =
                given.withOffsetSameInstant(ZoneOffset.ofTotalSeconds(offsetMinutes * 60));
        if (time.getYear() < 1 || time.getYear() > 9999) {
            throw new AmpException.Unsendable("a year from 1 to 9999, not " + time.getYear());
        }
        return String.format(
                Locale.ROOT,
                "%04d-%02d-%02dT%02d:%02d:%02d.%06d%s%02d:%02d",
                time.getYear(),
                time.getMonthValue(),
                time.getDayOfMonth(),
                time.getHour(),
                time.getMinute(),
                time.getSecond(),
                time.getNano() / NANOS_PER_MICRO,
                offsetMinutes > 0 ? "+" : "-",
                Math.abs(offsetMinutes) / 60,
                Math.abs(offsetMinutes) % 60);
    }

    static OffsetDateTime read(String text) throws AmpException.Unreadable {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new AmpException.Unreadable(
                    "expected a time such as 2012-01-23T12:34:56.054321-00:00");
        }
        int sign = form.group(8).equals("-") ? -1 : 1;
        return LocalDateTime.of(
                        field(form, 1),
                        field(form, 2),
                        field(form, 3),
                        field(form, 4),
                        field(form, 5),
                        field(form, 6),
                        field(form, 7) * NANOS_PER_MICRO)
                .atOffset(ZoneOffset.ofHoursMinutes(sign * field(form, 9), sign * field(form, 10)));
    }

    private static int field(Matcher form, int group) {
        return Integer.parseInt(form.group(group));
    }
}
