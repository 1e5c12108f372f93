package io.hipache.config.json;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads keys into a record {@code R}. Reading a key declares it, too: one entry says what the key is called, how
 * docs/configuration.md documents it, how it is read with which default, and which component of the record holds its value. So the
 * same entry serves to write the value back.
 */
public final class Keys<R> {
    private final Function<String, Section> sections;
    private final List<Key<R>> declared = new ArrayList<>();

    /** All keys are in one section. */
    public Keys(Section section) {
        this(name -> section);
    }

    /** @param sections gives the section of a key, for keys that may stand in one of two */
    public Keys(Function<String, Section> sections) {
        this.sections = sections;
    }

    /** The section in which a key stands. */
    public Section section(String name) {
        return sections.apply(name);
    }

    /** Every key that was read until now, in this order. */
    public List<Key<R>> declared() {
        return List.copyOf(declared);
    }

    /**
     * Begins the entry of a key.
     *
     * @param documentation what the key means, as its entry in docs/configuration.md begins
     */
    public Entry key(String name, String documentation) {
        return new Entry(name, documentation, null);
    }

    /** The entry of one key. Each of its methods but {@code byDefault} completes it. */
    public final class Entry {
        private final String name;
        private final String documentation;
        private final @Nullable String defaultInWords;

        private Entry(String name, String documentation, @Nullable String defaultInWords) {
            this.name = name;
            this.documentation = documentation;
            this.defaultInWords = defaultInWords;
        }

        /** For a default that depends on the machine, or that docs/configuration.md puts in words. */
        public Entry byDefault(String inWords) {
            return new Entry(name, documentation, inWords);
        }

        public int wholeNumber(Function<R, Integer> component, int least, int most, int otherwise) {
            declare((record, secrets) -> Written.number(component.apply(record)));
            return section(name).wholeNumber(name, least, most, otherwise);
        }

        /** Reads a duration in seconds, to the millisecond. */
        public Duration seconds(Function<R, Duration> component, String least, Duration otherwise) {
            declare((record, secrets) -> Written.seconds(component.apply(record)));
            return section(name).seconds(name, least, otherwise);
        }

        /** Reads a duration in whole seconds, one at least. */
        public Duration wholeSeconds(Function<R, Duration> component, int most, int otherwise) {
            declare((record, secrets) -> Written.seconds(component.apply(record)));
            return Duration.ofSeconds(section(name).wholeNumber(name, 1, most, otherwise));
        }

        public boolean flag(Function<R, Boolean> component, boolean otherwise) {
            declare((record, secrets) -> Written.flag(component.apply(record)));
            return section(name).flag(name, otherwise);
        }

        /** Reads one of two words: false for the first one, which is the default, and true for the second one. */
        public boolean choice(Function<R, Boolean> component, String first, String second) {
            declare((record, secrets) -> Written.text(component.apply(record) ? second : first));
            return section(name).choice(name, first, second);
        }

        /** Reads the name of a constant, in lower case. */
        public <E extends Enum<E>> E word(Function<R, E> component, E otherwise) {
            declare((record, secrets) -> Written.text(lowerCase(component.apply(record))));
            E[] constants = otherwise.getDeclaringClass().getEnumConstants();
            List<String> words = Arrays.stream(constants)
                    .map(constant -> lowerCase(constant))
                    .toList();
            return constants[words.indexOf(section(name).word(name, words, lowerCase(otherwise)))];
        }

        private static String lowerCase(Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }

        /** For a text that the caller has read. */
        public String text(Function<R, String> component, String read) {
            return value(read, (record, secrets) -> Written.text(component.apply(record)));
        }

        /** For a path that the caller has read. */
        public Path path(Function<R, Path> component, Path read) {
            return value(
                    read,
                    (record, secrets) -> Written.text(component.apply(record).toString()));
        }

        /** For a list of texts that the caller has read. */
        public List<String> texts(Function<R, List<String>> component, List<String> read) {
            return value(read, (record, secrets) -> Written.texts(component.apply(record)));
        }

        /** For a value that the caller has read. */
        public <T> T value(T read, Key.Writer<R> writer) {
            declare(writer);
            return read;
        }

        /** For a value that the caller has read, and that may be absent. */
        public <T> @Nullable T optional(@Nullable T read, Key.Writer<R> writer) {
            declare(writer);
            return read;
        }

        /** For a value that the caller reads elsewhere. */
        public void declare(Key.Writer<R> writer) {
            declared.add(new Key<>(name, documentation, defaultInWords, writer));
        }
    }
}
