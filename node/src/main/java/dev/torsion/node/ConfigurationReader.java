package dev.torsion.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.Setting;
import dev.torsion.bus.Settings;
import dev.torsion.node.Configuration.ClassName;
import dev.torsion.node.Configuration.ComponentPart;
import dev.torsion.node.Configuration.Flags;
import dev.torsion.node.Configuration.GatewayPart;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ScannerException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlVersionException;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads a node's configuration from a YAML 1.2 file and the command line, whose flags win. Reads
/// on after a problem, to name them all at once.
final class ConfigurationReader {
    static final String DEFAULT_FILE = "torsion.yaml";

    private static final int MAX_BYTES = 256 * 1024;
    private static final int MAX_DEPTH = 16;
    private static final int MAX_PARTS = 1000;
    private static final Set<String> RESERVED = Set.of("name", "nats", "link");

    private final String file;
    private final List<String> problems = new ArrayList<>();

    private ConfigurationReader(String file) {
        this.file = file;
    }

    /// Reads the file, if one is given.
    ///
    /// @throws ConfigurationException naming every problem
    static Configuration read(@Nullable Path path, Flags flags) {
        ConfigurationReader reader =
                new ConfigurationReader(path == null ? DEFAULT_FILE : path.toString());
        Section root = path == null ? reader.nothing() : reader.parse(reader.load(path));
        Configuration configuration = reader.configuration(root, flags);
        reader.failIfWrong();
        return configuration;
    }

    private void failIfWrong() {
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    private ConfigurationException failed(String problem) {
        return new ConfigurationException(List.of(problem));
    }

    // ---- the file ----

    private String load(Path path) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException _) {
            throw failed(file + ": no such file");
        } catch (IOException e) {
            throw failed(file + ": cannot be read: " + e.getMessage());
        }
        if (bytes.length > MAX_BYTES) {
            throw failed(file + ": larger than " + MAX_BYTES + " bytes");
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException _) {
            throw failed(file + ": expected text in UTF-8");
        }
    }

    private Section parse(String text) {
        LoadSettings settings =
                LoadSettings.builder().setLabel(file).setAllowNonScalarKeys(true).build();
        try {
            checkDepth(new Parse(settings).parseString(text));
            Optional<Node> root = new Compose(settings).composeString(text);
            return root.map(node -> new Section(file, "a configuration", node, problems))
                    .orElseGet(this::nothing);
        } catch (MarkedYamlEngineException e) {
            throw failed(notYaml(e));
        } catch (YamlVersionException e) {
            throw failed(file + ": not valid YAML: this reads version 1.2, not what %YAML says");
        } catch (YamlEngineException e) {
            throw failed(file + ": not valid YAML: " + oneLine(String.valueOf(e.getMessage())));
        }
    }

    /// Names the line that is to be mended. What has no end is seen on a later one than where it
    /// begins, perhaps on the last.
    private String notYaml(MarkedYamlEngineException e) {
        String context = e.getContext() == null ? "" : e.getContext();
        Optional<Mark> seen = e.getProblemMark();
        boolean endless =
                e instanceof ScannerException || context.startsWith("while parsing a flow");
        Optional<Mark> begun = endless ? e.getContextMark() : Optional.empty();
        Optional<Mark> mark = begun.or(() -> seen).or(e::getContextMark);
        String later = line(seen) > line(mark) && !mark.isEmpty() ? ", at line " + line(seen) : "";
        return "%s: not valid YAML: %s"
                .formatted(
                        mark.isEmpty() ? file : file + ":" + line(mark),
                        oneLine(
                                (context.isEmpty() ? "" : context + ": ")
                                        + e.getProblem()
                                        + later));
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(Mark::getLine).orElse(-1) + 1;
    }

    /// The composer calls itself for each level, so what is too deep must not reach it.
    private void checkDepth(Iterable<Event> events) {
        int depth = 0;
        for (Event event : events) {
            if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
                String where =
                        event.getStartMark().map(m -> file + ":" + (m.getLine() + 1)).orElse(file);
                throw failed(where + ": nested deeper than " + MAX_DEPTH + " levels");
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
        }
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }

    private Section nothing() {
        return new Section(file, problems);
    }

    // ---- what it means ----

    private Configuration configuration(Section root, Flags flags) {
        root.expecting("name", "nats", "link", "seeds", "insecure", "gateways", "components");
        boolean insecure = flag(root, "insecure");
        String name = choose("name", "a", root, flags.name(), ConfigurationReader::nodeName);
        Optional<Endpoint> nats =
                port("nats", "tcp:4222", root, flags.nats(), insecure, Endpoint::parse);
        Optional<Endpoint.Tcp> link =
                port("link", "tcp:7400", root, flags.link(), insecure, Endpoint.Tcp::parse);
        link.ifPresent(endpoint -> checkReachable(root, flags, endpoint));
        List<Address.Inet> seeds = seeds(root, flags.seeds());
        if (link.isEmpty() && !seeds.isEmpty()) {
            problems.add(
                    (flags.seeds().isEmpty() ? root.where("seeds") : "--seed")
                            + ": seeds need a link, and link is off");
        }
        return new Configuration(
                name,
                nats.orElse(null),
                link.orElse(null),
                seeds,
                gateways(root, insecure),
                components(root));
    }

    /// What the file says is checked even where a flag wins.
    private <T> T choose(
            String key,
            String otherwise,
            Section root,
            @Nullable String flag,
            Function<String, T> parser) {
        T fallback = parser.apply(otherwise);
        Setting written = root.value(key);
        T value = written == null ? fallback : parse(key + ": ", written, fallback, parser);
        return flag == null ? value : parse("", new Setting(flag, "--" + key), fallback, parser);
    }

    private <T> T parse(String prefix, Setting text, T fallback, Function<String, T> parser) {
        try {
            return parser.apply(text.value());
        } catch (IllegalArgumentException e) {
            problems.add(text.where() + ": " + prefix + e.getMessage());
            return fallback;
        }
    }

    private static String nodeName(String text) {
        if (!BusOptions.isNodeName(text)) {
            throw new IllegalArgumentException(
                    "expected 1 to 64 letters, digits, \"-\" and \"_\", not \"" + text + "\"");
        }
        return text;
    }

    private <E extends Endpoint> Optional<E> port(
            String key,
            String otherwise,
            Section root,
            @Nullable String flag,
            boolean insecure,
            Function<String, E> parser) {
        Optional<E> chosen =
                choose(
                        key,
                        otherwise,
                        root,
                        flag,
                        text ->
                                text.equals("off")
                                        ? Optional.empty()
                                        : Optional.of(parser.apply(text)));
        chosen.ifPresent(endpoint -> checkReach(where(key, root, flag), endpoint, insecure));
        return chosen;
    }

    private String where(String key, Section root, @Nullable String flag) {
        Setting written = root.value(key);
        return flag != null ? "--" + key : written == null ? file : written.where() + ": " + key;
    }

    /// Other nodes are told the link's address, to dial it.
    private void checkReachable(Section root, Flags flags, Endpoint.Tcp link) {
        String host = link.address().host();
        if (host.equals("0.0.0.0") || host.equals("::")) {
            problems.add(
                    where("link", root, flags.link())
                            + ": "
                            + link
                            + " is every interface; name the one address that other nodes dial");
        }
    }

    private void checkReach(String where, Endpoint endpoint, boolean insecure) {
        if (!insecure && !endpoint.isLoopback()) {
            problems.add(
                    where
                            + ": "
                            + endpoint
                            + " can be reached from other machines, and nothing protects it yet;"
                            + " write \"insecure: true\" in "
                            + file
                            + " to open it anyway");
        }
    }

    private boolean flag(Section section, String key) {
        Setting written = section.value(key);
        return written != null
                && parse(
                        key + ": ",
                        written,
                        false,
                        text ->
                                switch (text) {
                                    case "true" -> true;
                                    case "false" -> false;
                                    default ->
                                            throw new IllegalArgumentException(
                                                    "expected true or false, not \"" + text + "\"");
                                });
    }

    private List<Address.Inet> seeds(Section root, List<String> flags) {
        List<Address.Inet> written = addresses("seeds: ", root.list("seeds"));
        List<Setting> given = flags.stream().map(text -> new Setting(text, "--seed")).toList();
        return given.isEmpty() ? written : addresses("", given);
    }

    private List<Address.Inet> addresses(String prefix, List<Setting> texts) {
        List<Address.Inet> addresses = new ArrayList<>();
        for (Setting text : texts) {
            parse(
                            prefix,
                            text,
                            Optional.<Address.Inet>empty(),
                            t -> Optional.of(Address.Inet.parse(t)))
                    .ifPresent(addresses::add);
        }
        return addresses;
    }

    private List<GatewayPart> gateways(Section root, boolean insecure) {
        Set<String> names = new LinkedHashSet<>();
        List<GatewayPart> gateways = new ArrayList<>();
        for (Section section : parts(root, "gateways", "a gateway")) {
            section.expecting("name", "listen", "class", "settings");
            String name = partName(section, "a gateway", names);
            Setting listen = section.required("listen", "a gateway");
            ClassName type = className(section, "a gateway");
            Settings settings = settings(section);
            if (RESERVED.contains(name)) {
                problems.add(
                        section.where() + ": name: \"" + name + "\" means something else here");
            }
            if (listen != null) {
                Endpoint fallback = Endpoint.tcp(0);
                Endpoint endpoint = parse("listen: ", listen, fallback, Endpoint::parse);
                checkReach(listen.where() + ": listen", endpoint, insecure);
                gateways.add(new GatewayPart(name, endpoint, type, settings));
            }
        }
        return gateways;
    }

    private List<ComponentPart> components(Section root) {
        Set<String> names = new LinkedHashSet<>();
        List<ComponentPart> components = new ArrayList<>();
        for (Section section : parts(root, "components", "a component")) {
            section.expecting("name", "class", "blocking", "settings");
            components.add(
                    new ComponentPart(
                            partName(section, "a component", names),
                            className(section, "a component"),
                            flag(section, "blocking"),
                            settings(section)));
        }
        return components;
    }

    private List<Section> parts(Section root, String key, String what) {
        List<Section> parts = root.sections(key, what);
        if (parts.size() > MAX_PARTS) {
            throw failed(file + ": " + key + ": more than " + MAX_PARTS);
        }
        return parts;
    }

    private String partName(Section section, String what, Set<String> taken) {
        Setting written = section.required("name", what);
        if (written == null) {
            return "";
        }
        String name = parse("name: ", written, "", ConfigurationReader::nodeName);
        if (!name.isEmpty() && !taken.add(name)) {
            problems.add(written.where() + ": name: \"" + name + "\" is taken");
        }
        return name;
    }

    private ClassName className(Section section, String what) {
        Setting written = section.required("class", what);
        if (written != null && written.value().isEmpty()) {
            problems.add(written.where() + ": class: expected the name of a class, not \"\"");
        }
        return written == null
                ? new ClassName("", section.where())
                : new ClassName(written.value(), written.where());
    }

    private static Settings settings(Section section) {
        return new Settings(section.settings("settings"), section.where());
    }
}
