package io.hipache.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hipache.config.AccountKeys.Accounts;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccountKeysTest {
    private static final Accounts DEBIAN = machine(Map.of(
            "passwd www-data", "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin",
            "passwd 33", "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin",
            "passwd nobody", "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
            "passwd lonely", "lonely:x:1001:1001::/home/lonely:/bin/sh",
            "passwd root", "root:x:0:0:root:/root:/bin/bash",
            "passwd 0", "root:x:0:0:root:/root:/bin/bash",
            "group 33", "www-data:x:33:",
            "group adm", "adm:x:4:",
            "group 65534", "nogroup:x:65534:"));

    @Test
    void isWwwDataWithItsGroupByDefault() throws Exception {
        assertThat(load("{}", DEBIAN).config()).extracting("user", "group").containsExactly("www-data", "www-data");
    }

    @Test
    void findsTheGroupOfTheUser() throws Exception {
        assertThat(load("{'user': 'nobody'}", DEBIAN).config().group()).isEqualTo("nogroup");
        assertThat(load("{'user': 'lonely'}", DEBIAN).config().group()).isEqualTo("1001");
        assertThat(load("{'user': 'nobody', 'group': 'adm'}", DEBIAN).config().group())
                .isEqualTo("adm");
    }

    @Test
    void callsAUserThatIsGivenByNumberByItsName() throws Exception {
        assertThat(load("{'user': 33}", DEBIAN).config())
                .extracting("user", "group")
                .containsExactly("www-data", "www-data");
        assertThat(load("{'user': '0'}", DEBIAN).config())
                .extracting("user", "group")
                .containsExactly("root", "root");
    }

    @Test
    void takesNumbersThatTheMachineDoesNotKnow() throws Exception {
        assertThat(load("{'user': 4711, 'group': 4712}", DEBIAN).config())
                .extracting("user", "group")
                .containsExactly("4711", "4712");
        assertThat(problems("{'user': 4711}", DEBIAN))
                .containsExactly("group: missing, and this machine knows no group of user 4711");
    }

    @Test
    void namesWhatTheMachineDoesNotHave() {
        assertThat(problems("{'user': 'hipache', 'group': 'proxies'}", DEBIAN))
                .containsExactly(
                        "user: this machine has no user \"hipache\"", "group: this machine has no group \"proxies\"");
    }

    @Test
    void staysNotRootByAccidentWhereThereIsNoWwwData() {
        assertThat(problems("{}", machine(Map.of())))
                .containsExactly("user: missing, and this machine has no www-data: name the account of the workers,"
                        + " or \"root\" to let them stay root");
    }

    @Test
    void saysThatAGroupBesideRootIsWithoutEffect() throws Exception {
        LoadedConfig root = load("{'user': 'root', 'group': 'adm'}", DEBIAN);

        assertThat(root.config()).extracting("user", "group").containsExactly("root", "root");
        assertThat(root.warnings()).containsExactly("group: has no effect, because the user is root");
    }

    @Test
    void saysThatTheAccountsCannotBeAsked() {
        Accounts broken = (database, key) -> {
            throw new IOException("getent is missing");
        };

        assertThat(problems("{}", broken)).containsExactly("user: cannot be looked up: getent is missing");
    }

    @Test
    void asksTheRealMachine() throws Exception {
        Accounts here = new Getent();

        assertThat(here.entry("passwd", "0")).startsWith("root").element(2).isEqualTo("0");
        assertThat(here.entry("group", "root")).element(2).isEqualTo("0");
        assertThat(here.entry("passwd", "--no-such-user")).isNull();
    }

    private static Accounts machine(Map<String, String> lines) {
        return (database, key) -> {
            String line = lines.get(database + " " + key);
            return line == null ? null : List.of(line.split(":", -1));
        };
    }

    private static LoadedConfig load(String json, Accounts accounts) throws ConfigException {
        return new ConfigLoader(Loading.STATIC_ERRORS, 4, true, accounts, Map.of()).parse(json.replace('\'', '"'));
    }

    private static List<String> problems(String json, Accounts accounts) {
        return catchThrowableOfType(ConfigException.class, () -> load(json, accounts))
                .problems();
    }
}
