package io.hipache.cli;

import io.hipache.worker.ProxyPipelines;
import io.hipache.worker.WorkerMain;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** What the supervisor starts; nobody else has a use for it. */
@Command(name = "worker", hidden = true)
final class WorkerCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        return WorkerMain.run(new ProxyPipelines(HipacheVersion.number()));
    }
}
