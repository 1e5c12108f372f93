/** What the commands of the command line share: options, output, exit codes. */
@NullMarked
package io.hipache.cli.common;

import org.jspecify.annotations.NullMarked;
