package io.hipache.config;

import static io.hipache.config.Loading.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.config.HipacheConfig.Listener;
import io.hipache.config.HipacheConfig.Tls;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigJsonTest {
    private static final String EVERYTHING =
            "{'server': {'accessLog': '-', 'log': '/l', 'workers': 5, 'tcpTimeout': 0.25, 'tunnelTimeout': 90, 'debug': true,"
                    + "'gracefulWait': 100, 'lruCache': {'size': 5, 'ttl': 7}, 'trustedProxies': [], 'plainIPv4': true, 'http2': false,"
                    + "'port': 8080, 'https': {'key': '" + Loading.KEY + "', 'cert': '" + Loading.CERT + "'}},"
                    + "'driver': ['redis://:s3%40cret+%20x@h:1/2#p', 'redis-sentinel://u:s%40cret@[::1],s/2?master=m#p'], 'user': 'root', 'group': 12}";

    @Test
    void decodesWhatItEncodes() throws Exception {
        HipacheConfig all = config(EVERYTHING);
        HipacheConfig defaults = config("{}");

        assertThat(ConfigJson.decode(ConfigJson.encode(all))).isEqualTo(all);
        assertThat(ConfigJson.decode(ConfigJson.encode(defaults))).isEqualTo(defaults);
    }

    @Test
    void keepsHowDeathsAreTold() throws Exception {
        HipacheConfig config = config("{'server': {'deadKey': 'matched', 'deadAnnounceUrl': 'raw'}}");

        assertThat(ConfigJson.decode(ConfigJson.encode(config))).isEqualTo(config);
        assertThat(config).isNotEqualTo(config("{}"));
    }

    @Test
    void encodesOnOneLine() throws Exception {
        assertThat(ConfigJson.encode(config(EVERYTHING))).doesNotContain("\n");
    }

    @Test
    void decodesForAWorkerThatMayNotReadTheFiles() throws Exception {
        Listener unreadable = new Listener("127.0.0.1", 0, new Tls(Path.of("/no/ssl.key"), Path.of("/no/ssl.crt")));
        HipacheConfig all = config(EVERYTHING);
        HipacheConfig foreign = new HipacheConfig(
                all.server(),
                List.of(unreadable),
                all.certificates(),
                all.drivers(),
                all.user(),
                all.group(),
                all.files());

        assertThat(ConfigJson.decode(ConfigJson.encode(foreign))).isEqualTo(foreign);
    }

    @Test
    void masksPasswordsAndShowsWhereKeysAre() throws Exception {
        String masked = ConfigJson.masked(config(EVERYTHING));

        assertThat(masked)
                .contains(
                        "redis://:***@h:1/2#p",
                        "redis-sentinel://u:***@[::1]:26379,s:26379/2?master=m#p",
                        "/ssl.key\"",
                        "\"kind\" : \"traffic\"",
                        "\"workers\" : 5",
                        "\"gracefulWait\" : 100,")
                .doesNotContain("cret", "PRIVATE");
    }

    @Test
    void printsAConfigurationThatIsOneAgain() throws Exception {
        HipacheConfig plain = config("{'server': {'port': 8080}}");

        LoadedConfig again = Loading.loader().parse(ConfigJson.masked(plain));

        assertThat(again.config()).isEqualTo(plain);
        assertThat(again.warnings()).isEmpty();
    }

    @Test
    void refusesWhatIsNotOurs() {
        assertThatThrownBy(() -> ConfigJson.decode("{\"server\": {\"workers\": 0}}"))
                .isInstanceOf(ConfigException.class);
    }
}
