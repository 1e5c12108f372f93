package io.hipache.proxy.exchange;

import io.hipache.http.KnownField;
import io.hipache.http.ResponseHead;

/** Says which answers mean that the backend is dead (Hipache lib/worker.js, {@code res.writeHead}). */
final class HealthRule {
    private final boolean deadBackendOn500;
    private final boolean deadBackendOnUnsupported;

    HealthRule(boolean deadBackendOn500, boolean deadBackendOnUnsupported) {
        this.deadBackendOn500 = deadBackendOn500;
        this.deadBackendOnUnsupported = deadBackendOnUnsupported;
    }

    /** Whether {@code response} marks its backend. A 500 does so only while an active checker can bring the backend back soon. */
    boolean marksDead(ResponseHead response, boolean activeCheckerAlive) {
        int status = response.status();
        if (status == 500) {
            return deadBackendOn500 && activeCheckerAlive;
        }
        if (status == 501 || status == 505) {
            // they speak of the request: its method or its version is not supported
            return deadBackendOnUnsupported;
        }
        // a 503 that says when to come back is maintenance, not death
        boolean maintenance = status == 503 && response.fields().contains(KnownField.RETRY_AFTER);
        // a 508 speaks of the request: it has been there before, or says so in Via
        return status > 500 && status < 600 && status != 508 && !maintenance;
    }
}
