package dev.torsion.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What `docs/reference/names.md` sends its readers to is there.
final class NamesTest {
    private static final Path PAGE =
            Path.of("..").toAbsolutePath().normalize().resolve("docs/reference/names.md");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern NAME =
            Pattern.compile("([A-Z]\\w*(?:\\.[A-Z]\\w*)*)(?:#([a-zA-Z]\\w*))?");

    /// Code on the right that names nothing of Java.
    private static final Set<String> OTHER =
            Set.of(
                    "_ -> new Echo()",
                    "main",
                    "openssl req -x509",
                    "script",
                    "setpriv",
                    "switch",
                    "systemd:",
                    "tls:");

    private static final List<String> PACKAGES =
            List.of(
                    "dev.torsion.reactor",
                    "dev.torsion.reactor.testing",
                    "dev.torsion.netty",
                    "dev.torsion.protocols",
                    "dev.torsion.protocols.amp",
                    "dev.torsion.protocols.blocking",
                    "dev.torsion.protocols.endpoints",
                    "dev.torsion.protocols.testing",
                    "dev.torsion.protocols.tls",
                    "java.nio.channels",
                    "java.nio.file",
                    "java.util",
                    "java.util.concurrent");

    @Test
    void areThereForUsers() throws IOException {
        List<String> wrong = new ArrayList<>();
        int found = 0;
        for (String line : Files.readAllLines(PAGE)) {
            String[] cells = line.split("\\|", -1);
            if (cells.length != 4) {
                continue;
            }
            for (MatchResult code : CODE.matcher(cells[2]).results().toList()) {
                if (isThere(code.group(1))) {
                    found++;
                } else if (!OTHER.contains(code.group(1))) {
                    wrong.add(code.group() + " in " + line);
                }
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(found).isGreaterThan(150);
    }

    private static boolean isThere(String code) {
        var name = NAME.matcher(code);
        Class<?> type = name.matches() ? type(name.group(1).replace('.', '$')) : null;
        return type != null && (name.group(2) == null || has(type, name.group(2)));
    }

    private static @Nullable Class<?> type(String name) {
        for (String packageName : PACKAGES) {
            try {
                Class<?> type = Class.forName(packageName + "." + name, false, loader());
                if (Modifier.isPublic(type.getModifiers())) {
                    return type;
                }
            } catch (ClassNotFoundException elsewhere) {
                // as most are
            }
        }
        return null;
    }

    private static ClassLoader loader() {
        return NamesTest.class.getClassLoader();
    }

    /// Whether users may call, override or read it.
    private static boolean has(Class<?> type, String member) {
        Deque<Class<?>> types = new ArrayDeque<>(List.of(type));
        while (!types.isEmpty()) {
            Class<?> next = types.pop();
            if (members(next)
                    .filter(it ->
                            Modifier.isPublic(it.getModifiers())
                                    || Modifier.isProtected(it.getModifiers()))
                    .anyMatch(it -> it.getName().equals(member))) {
                return true;
            }
            types.addAll(List.of(next.getInterfaces()));
            if (next.getSuperclass() != null) {
                types.add(next.getSuperclass());
            }
        }
        return false;
    }

    private static Stream<Member> members(Class<?> type) {
        return Stream.concat(
                Stream.of(type.getDeclaredMethods()), Stream.of(type.getDeclaredFields()));
    }
}
