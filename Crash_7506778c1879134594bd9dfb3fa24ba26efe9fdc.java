import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

public class Crash_7506778c1879134594bd9dfb3fa24ba26efe9fdc {
    static final String base64Bytes = String.join("", "AwFh");

    public static void main(String[] args) throws Throwable {
        Crash_7506778c1879134594bd9dfb3fa24ba26efe9fdc.class
                .getClassLoader()
                .setDefaultAssertionStatus(true);
        try {
            Method fuzzerInitialize = dev.torsion.fuzz.Fuzzing.class.getMethod("fuzzerInitialize");
            fuzzerInitialize.invoke(null);
        } catch (NoSuchMethodException ignored) {
            try {
                Method fuzzerInitialize =
                        dev.torsion.fuzz.Fuzzing.class.getMethod(
                                "fuzzerInitialize", String[].class);
                fuzzerInitialize.invoke(null, (Object) args);
            } catch (NoSuchMethodException ignored1) {
            } catch (IllegalAccessException | InvocationTargetException e) {
                e.printStackTrace();
                System.exit(1);
            }
        } catch (IllegalAccessException | InvocationTargetException e) {
            e.printStackTrace();
            System.exit(1);
        }
        byte[] input = java.util.Base64.getDecoder().decode(base64Bytes);
        dev.torsion.fuzz.Fuzzing.fuzzerTestOneInput(input);
    }
}
