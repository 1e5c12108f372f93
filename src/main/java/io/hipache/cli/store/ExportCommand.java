package io.hipache.cli.store;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.frontends.FrontendFile;
import io.hipache.frontends.FrontendFile.Wanted;
import io.hipache.frontends.FrontendScan;
import io.hipache.frontends.FrontendScan.Frontend;
import io.hipache.frontends.WrongType;
import io.hipache.messages.FileFault;
import io.hipache.store.StoreConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hipache export}: writes all frontends into a file. */
@Command(
        name = "export",
        description = "Writes all frontends of Redis into a file, which hipache import reads.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when all were written, 1 when a key is of a wrong type and was left out, 2 without Redis"
        })
public final class ExportCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "json or yaml; the default is what the name of the file says, else json")
    private @Nullable FileFormat format;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "replaced in one step; the default is standard output")
    private @Nullable Path file;

    public ExportCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withStore((store, config, output) -> export(store, output));
    }

    private int export(StoreConnection store, Output output) throws IOException {
        Map<String, Wanted> frontends = new TreeMap<>();
        boolean complete = true;
        for (Frontend frontend : FrontendScan.all(store, "*")) {
            if (frontend.isList()) {
                frontends.put(frontend.name(), new Wanted(frontend.identifier(), frontend.entries()));
            } else {
                output.problem(frontend.name() + " is left out: " + WrongType.list(store, frontend.name()));
                complete = false;
            }
        }
        String text = format().write(new FrontendFile(frontends));
        if (file == null) {
            output.out().println(text);
        } else {
            replace(file, text);
        }
        return complete ? Exit.FINE : Exit.WRONG;
    }

    private FileFormat format() {
        if (format != null) {
            return format;
        }
        String name = file == null ? "" : file.toString();
        return name.endsWith(".yaml") || name.endsWith(".yml") ? FileFormat.yaml : FileFormat.json;
    }

    private static void replace(Path file, String text) throws IOException {
        Path whole = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(whole, text + "\n");
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new IOException(file + " cannot be written: " + FileFault.words(e), e);
        }
    }
}
