package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.AccountKeys.Accounts;
import io.hipache.config.HipacheConfig.HostCertificates;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.config.HipacheConfig.Server;
import io.hipache.config.address.DriverUrl;
import io.hipache.config.address.FleetName;
import io.hipache.config.address.IpAddress;
import io.hipache.config.environment.Environment;
import io.hipache.config.environment.KeyVariables;
import io.hipache.config.json.BadJson;
import io.hipache.config.json.Findings;
import io.hipache.config.json.JsonText;
import io.hipache.config.json.Section;
import io.hipache.messages.FileFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration from a file. It reads all three generations of keys, fills in the defaults, and reports every
 * problem at once. Not bound to a thread.
 */
public final class ConfigLoader {
    /** A log file that is named by mistake would take all memory of the supervisor. */
    private static final int MOST_BYTES = 1 << 20;

    private final Path staticErrors;
    private final int processors;
    private final boolean ipv6;
    /** Null when the account of the workers does not matter. */
    private final @Nullable Accounts accounts;

    private final Environment environment;

    /**
     * @param staticErrors the default of {@code server.staticDir}
     * @param processors the default of {@code server.workers}
     * @param ipv6 whether Hipache listens on {@code ::1} by default
     */
    public ConfigLoader(Path staticErrors, int processors, boolean ipv6) {
        this(staticErrors, processors, ipv6, null, Map.of());
    }

    ConfigLoader(
            Path staticErrors,
            int processors,
            boolean ipv6,
            @Nullable Accounts accounts,
            Map<String, String> environment) {
        this.staticErrors = staticErrors;
        this.processors = processors;
        this.ipv6 = ipv6;
        this.accounts = accounts;
        this.environment = new Environment(environment, ConfigLoader::readSecret);
    }

    /** A loader with the defaults of this machine and this installation. */
    public static ConfigLoader here(Installation installation) {
        return here(installation, System.getenv());
    }

    /** As {@link #here(Installation)}, with other environment variables than those of this process. */
    public static ConfigLoader here(Installation installation, Map<String, String> environment) {
        return new ConfigLoader(
                installation.staticErrors(),
                Runtime.getRuntime().availableProcessors(),
                IpAddress.ipv6IsUp(),
                Privilege.isRoot() ? new Getent() : null,
                environment);
    }

    /**
     * Reads a file, and the environment variables that count more than the file.
     *
     * @throws ConfigException with every problem, or because the file cannot be read
     */
    public LoadedConfig load(Path file) throws ConfigException {
        String text;
        try {
            text = text(FileChecks.bytes(file, MOST_BYTES));
        } catch (CharacterCodingException e) {
            throw new ConfigException("the file is not UTF-8 text");
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        return parseFile(text);
    }

    private static String text(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    private static String readSecret(Path file) throws IOException {
        try {
            FileChecks.refuseNamedPipe(file);
            return text(FileChecks.bytes(file, MOST_BYTES));
        } catch (CharacterCodingException e) {
            throw new IOException("it is not UTF-8 text", e);
        } catch (IOException e) {
            throw new IOException(FileFault.words(e), e);
        }
    }

    /**
     * Reads a file once more. It must not be a pipe: at the start a shell may have written to it, now nobody does.
     *
     * @throws ConfigException with every problem, or because the file cannot be read
     */
    public LoadedConfig loadAgain(Path file) throws ConfigException {
        try {
            FileChecks.refuseNamedPipe(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        return load(file);
    }

    private static ConfigException unreadable(Path file, IOException e) {
        String advice = e instanceof AccessDeniedException ? FileChecks.whoMayRead(file) : "";
        return new ConfigException("cannot read the file: " + FileFault.words(e) + advice);
    }

    /** Reads the text of a file, and the environment variables. */
    LoadedConfig parseFile(String json) throws ConfigException {
        Findings findings = new Findings();
        ObjectNode root = root(json);
        environment.apply(root, ConfigLoader::variables, findings);
        return resolve(root, findings, FileChecks.checked(findings), false);
    }

    /**
     * Reads a text that a program has made. The environment has no influence on it.
     *
     * @throws ConfigException with every problem
     */
    public LoadedConfig parse(String json) throws ConfigException {
        Findings findings = new Findings();
        return resolve(root(json), findings, FileChecks.checked(findings), false);
    }

    /** Reads what {@link ConfigJson#encode} wrote, without opening the files it names. */
    LoadedConfig parseTrusted(String json) throws ConfigException {
        Findings findings = new Findings();
        return resolve(root(json), findings, FileChecks.trusted(findings), true);
    }

    private LoadedConfig resolve(ObjectNode tree, Findings findings, FileChecks files, boolean trusted)
            throws ConfigException {
        Section root = new Section("", tree, findings);
        HipacheConfig config = read(root, files, trusted);
        root.warnAboutUnknownKeys();
        if (!findings.problems().isEmpty()) {
            throw new ConfigException(findings.problems(), findings.warnings());
        }
        return new LoadedConfig(config, findings.warnings(), root.origins());
    }

    /**
     * The environment variables of all keys. Every key is given an empty object, over and over, because whoever reads an
     * object asks for the keys in it. So no key has to be listed here. Keys of one entry of a list have no variable.
     */
    static KeyVariables variables() {
        ConfigLoader loader = new ConfigLoader(Path.of(""), 1, false);
        Set<String> known = Set.of();
        Section root = Section.empty();
        while (true) {
            loader.read(root, FileChecks.trusted(root.findings()), false);
            Set<String> keys = root.knownKeys();
            if (keys.equals(known)) {
                keys.removeIf(BindKeys::isOfOneAddress);
                Set<String> secrets = root.secretKeys();
                secrets.removeIf(BindKeys::isOfOneAddress);
                return new KeyVariables(withHttpsOfServer(keys), withHttpsOfServer(secrets));
            }
            known = keys;
            root = root.withObjects(keys);
        }
    }

    /** The keys of {@code https} may stand in {@code server.https} as well. */
    private static Set<String> withHttpsOfServer(Set<String> keys) {
        Set<String> all = new LinkedHashSet<>(keys);
        keys.stream().filter(key -> key.startsWith("https.")).forEach(key -> all.add("server." + key));
        return all;
    }

    /** Reads every key. The result may be used only when the findings of the section hold no problem. */
    HipacheConfig read(Section root, FileChecks files, boolean trusted) {
        Section serverSection = root.section("server");
        DriverKeys driverKeys = new DriverKeys(root, files);
        Server server = new ServerKeys(serverSection, files)
                .read(processors, staticErrors, () -> FleetName.of(driverKeys.read()));
        Section https = https(root, serverSection);
        List<Listener> listeners = new ListenerKeys(root, serverSection, https, new BindKeys(ipv6), files).read();
        boolean listensForTls = listeners.stream().anyMatch(listener -> listener.tls() != null);
        HostCertificates certificates = new HostCertificateKeys(https, files.keys()).read(listensForTls);
        List<DriverUrl> drivers = driverKeys.read();
        AccountKeys.WorkerAccount account = new AccountKeys(root, accounts).read();
        KeyFiles keyFiles = trusted ? trustedFiles(root) : files.keys().files();
        return new HipacheConfig(server, listeners, certificates, drivers, account.user(), account.group(), keyFiles);
    }

    private static ObjectNode root(String json) throws ConfigException {
        try {
            return JsonText.read(json);
        } catch (BadJson e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    private static Section https(Section root, Section server) {
        if (root.has("https") && server.has("https")) {
            root.findings().warning("server.https", "ignored, because https is set");
        }
        return root.has("https") ? root.section("https") : server.section("https");
    }

    /** The contents of the files, as the supervisor has read them. */
    private static KeyFiles trustedFiles(Section root) {
        JsonNode files = root.value("files");
        Map<Path, String> texts = new HashMap<>();
        if (files != null) {
            files.forEachEntry((file, text) -> texts.put(Path.of(file), text.textValue()));
        }
        return new KeyFiles(texts);
    }
}
