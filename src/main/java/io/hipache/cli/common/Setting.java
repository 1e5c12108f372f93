package io.hipache.cli.common;

import io.hipache.config.Installation;
import org.jspecify.annotations.Nullable;

/**
 * Where commands find the configuration when nobody names a file.
 *
 * @param flavor chooses {@code config_<flavor>.json}, null for {@code config.json}
 */
public record Setting(Installation installation, @Nullable String flavor) {}
