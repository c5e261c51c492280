package dev.torsion.node;

import dev.torsion.bus.Component;
import dev.torsion.gateways.Gateway;
import dev.torsion.node.Configuration.ClassName;
import dev.torsion.node.Configuration.ComponentPart;
import dev.torsion.node.Configuration.GatewayPart;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Instances of the classes that a configuration names.
record Instances(List<OfGateway> gateways, List<OfComponent> components) {

    record OfGateway(GatewayPart part, Gateway gateway) {}

    record OfComponent(ComponentPart part, Component component) {}

    /// Makes them all.
    ///
    /// @throws ConfigurationException naming every class that cannot be used
    static Instances of(Configuration configuration) {
        List<String> problems = new ArrayList<>();
        List<OfGateway> gateways = new ArrayList<>();
        for (GatewayPart part : configuration.gateways()) {
            Gateway gateway = make(part.type(), Gateway.class, problems);
            if (gateway != null) {
                gateways.add(new OfGateway(part, gateway));
            }
        }
        List<OfComponent> components = new ArrayList<>();
        for (ComponentPart part : configuration.components()) {
            Component component = make(part.type(), Component.class, problems);
            if (component != null) {
                components.add(new OfComponent(part, component));
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new Instances(gateways, components);
    }

    private static <T> @Nullable T make(ClassName name, Class<T> kind, List<String> problems) {
        String problem;
        try {
            Class<?> type = Class.forName(name.name());
            if (kind.isAssignableFrom(type)) {
                return kind.cast(type.getConstructor().newInstance());
            }
            problem = "is not a " + kind.getName();
        } catch (ClassNotFoundException _) {
            problem = "is not on the class path (your own belong on TORSION_CLASSPATH)";
        } catch (NoSuchMethodException _) {
            problem = "needs a public constructor without parameters";
        } catch (IllegalAccessException | InstantiationException _) {
            problem = "has to be public, and not abstract";
        } catch (InvocationTargetException e) {
            problem = "cannot be made: its constructor threw " + e.getCause();
        } catch (LinkageError e) {
            problem = "cannot be loaded: " + e;
        }
        problems.add(name.where() + ": class " + name.name() + " " + problem);
        return null;
    }
}
