package dev.torsion.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// The product with some of its source changed: all its classes are loaded anew, the changed ones
/// from what they compile to, so that it lives beside the unchanged one.
final class PatchedProduct extends ClassLoader {
    private static final String OURS = "dev.torsion.";
    private final Map<String, byte[]> changed;

    /// One change of the source. Where white space stands in `before`, any may stand in the source.
    ///
    /// @param room the module
    /// @param type the class, within its package
    record Change(String room, String type, String before, String after) {
        String file() {
            return room + "/src/main/java/dev/torsion/" + room + "/" + type + ".java";
        }

        /// @throws IllegalStateException unless `before` stands in the source once
        String in(String source) {
            String expression =
                    Arrays.stream(before.strip().split("\\s+"))
                            .map(Pattern::quote)
                            .collect(Collectors.joining("\\s+"));
            Matcher found = Pattern.compile(expression).matcher(source);
            long count = found.results().count();
            if (count != 1) {
                throw new IllegalStateException(
                        file()
                                + " has changed, so that a planted bug cannot be planted: it has "
                                + count
                                + " times, not once: "
                                + before
                                + " (see PlantedBug)");
            }
            return found.replaceFirst(Matcher.quoteReplacement(after));
        }
    }

    private PatchedProduct(Map<String, byte[]> changed) {
        super(PatchedProduct.class.getClassLoader());
        this.changed = changed;
    }

    /// @throws IllegalStateException if the source does not have what is to be changed, or what it
    ///   is changed to does not compile
    static PatchedProduct with(List<Change> changes) {
        Map<String, String> sources = new LinkedHashMap<>();
        for (Change change : changes) {
            String source = sources.computeIfAbsent(change.file(), PatchedProduct::read);
            sources.put(change.file(), change.in(source));
        }
        return new PatchedProduct(compile(sources));
    }

    private static String read(String file) {
        try {
            return Files.readString(home().resolve(file), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("no source to plant a bug in", e);
        }
    }

    /// The folder that the modules are in.
    private static Path home() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("cluster/src/main/java"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException(
                        "the product's source is not above " + Path.of("").toAbsolutePath());
            }
        }
        return folder;
    }

    private static Map<String, byte[]> compile(Map<String, String> sources) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        List<String> options =
                List.of(
                        "-proc:none",
                        "-nowarn",
                        "-implicit:none",
                        "-classpath",
                        System.getProperty("java.class.path"));
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((file, text) -> units.add(new Source(file, text)));
        try (Classes classes = new Classes(compiler.getStandardFileManager(null, null, UTF_8))) {
            if (!compiler.getTask(complaints, classes, null, options, null, units).call()) {
                throw new IllegalStateException("a planted bug does not compile: " + complaints);
            }
            return classes.bytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String file, String text) {
            super(URI.create("string:///" + file), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /// Keeps what the compiler writes.
    private static final class Classes extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> written = new LinkedHashMap<>();

        Classes(JavaFileManager manager) {
            super(manager);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location,
                String name,
                JavaFileObject.Kind kind,
                javax.tools.@Nullable FileObject sibling) {
            URI uri = URI.create("bytes:///" + name.replace('.', '/') + ".class");
            return new SimpleJavaFileObject(uri, kind) {
                @Override
                public OutputStream openOutputStream() {
                    return written.computeIfAbsent(name, _ -> new ByteArrayOutputStream());
                }
            };
        }

        Map<String, byte[]> bytes() {
            Map<String, byte[]> bytes = new LinkedHashMap<>();
            written.forEach((name, out) -> bytes.put(name, out.toByteArray()));
            return bytes;
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        byte[] bytes = changed.get(name);
        if (bytes == null) {
            String file = name.replace('.', '/') + ".class";
            try (InputStream in = getParent().getResourceAsStream(file)) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                bytes = in.readAllBytes();
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
        return defineClass(name, bytes, 0, bytes.length);
    }
}
