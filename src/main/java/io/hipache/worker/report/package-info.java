/** What a worker counts for the admin listener, and reports to the supervisor once a second. */
@NullMarked
package io.hipache.worker.report;

import org.jspecify.annotations.NullMarked;
