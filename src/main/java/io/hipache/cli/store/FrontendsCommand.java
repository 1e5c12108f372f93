package io.hipache.cli.store;

import static io.hipache.frontends.Members.members;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.frontends.FrontendScan;
import io.hipache.frontends.FrontendScan.Frontend;
import io.hipache.messages.Quantity;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hipache frontends}: lists what is in the store. */
@Command(
        name = "frontends",
        description = "Lists the frontends in Redis, with the number of their backends and marks.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when there is one, 1 when there is none or a key is of a wrong type, 2 without Redis"
        })
public final class FrontendsCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            defaultValue = "*",
            description = "of names, with * and ? for any text and any character, such as 'www.*'; the default is all")
    private String pattern = "*";

    public FrontendsCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withStore((store, config, output) -> list(store, output));
    }

    private int list(StoreConnection store, Output output) throws StoreException {
        List<Frontend> found = FrontendScan.all(store, pattern);
        found.sort(Comparator.comparing(Frontend::name));
        if (output.json()) {
            output.value(found.stream().map(FrontendsCommand::json).toList());
        } else if (found.isEmpty()) {
            output.problem("there is no frontend" + (pattern.equals("*") ? "" : " whose name is like " + pattern));
        } else {
            output.table(found.stream().map(FrontendsCommand::cells).toList());
        }
        return found.isEmpty() || found.stream().anyMatch(frontend -> !frontend.isList()) ? Exit.WRONG : Exit.FINE;
    }

    private static List<String> cells(Frontend frontend) {
        if (!frontend.isList()) {
            return List.of(frontend.name(), "is not a list: delete it or write it again");
        }
        return List.of(
                frontend.name(),
                frontend.identifier(),
                Quantity.of(frontend.entries().size(), "backend", "backends"),
                frontend.marks() == 0 ? "" : frontend.marks() + " dead");
    }

    private static Object json(Frontend frontend) {
        return members(
                "name", frontend.name(),
                "identifier", frontend.isList() ? frontend.identifier() : null,
                "backends", frontend.isList() ? frontend.entries() : null,
                "dead", frontend.isList() ? frontend.marks() : null,
                "problem", frontend.isList() ? null : "wrong_type");
    }
}
