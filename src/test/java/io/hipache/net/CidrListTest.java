package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CidrListTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0, true",
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.0/8, 9.255.255.255, false",
        "10.1.2.3/8, 10.200.0.1, true",
        "172.16.0.0/12, 172.31.255.255, true",
        "172.16.0.0/12, 172.32.0.0, false",
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.6, false",
        "192.0.2.6/31, 192.0.2.7, true",
        "192.0.2.7/32, 192.0.2.6, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "::/0, 2001:db8::1, true",
        "::/0, 203.0.113.9, false",
        "fc00::/7, fd12::1, true",
        "fc00::/7, fe00::1, false",
        "fe80::/10, febf::1, true",
        "fe80::/10, fec0::1, false",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/32, 2001:db9::, false",
        "::1, ::1, true",
        "::1, ::2, false",
        "::ffff:10.0.0.0/104, 10.9.8.7, true",
        "::ffff:10.0.0.0/104, 11.9.8.7, false",
        "::ffff:10.0.0.1, 10.0.0.1, true",
        "::ffff:0:0/96, 203.0.113.9, true",
    })
    void holdsWhatIsInTheBlock(String block, String address, boolean held) throws UnknownHostException {
        CidrList list = CidrList.parse(List.of(block));

        boolean contains = list.contains(InetAddress.getByName(address));

        assertThat(contains).isEqualTo(held);
    }

    @Test
    void takesAMappedAddressForTheIpv4OneItIs() throws UnknownHostException {
        byte[] bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3};
        InetAddress mapped = Inet6Address.getByAddress("mapped", bytes, 0);

        assertThat(mapped).isInstanceOf(Inet6Address.class);
        assertThat(CidrList.parse(List.of("10.0.0.0/8")).contains(mapped)).isTrue();
        assertThat(CidrList.parse(List.of("::/0")).contains(mapped)).isFalse();
    }

    @Test
    void holdsNothingWhenEmpty() {
        CidrList list = CidrList.parse(List.of());

        assertThat(list.contains(InetAddress.getLoopbackAddress())).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "localhost",
                "``",
                "10.0.0",
                "10.0.0.0.0/8",
                "256.0.0.0/8",
                "[::1]",
                "fe80::1%eth0",
                "10.0.0.0/33",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "10.0.0.0/8/8",
                "10.0.0.0/08x",
                "10.0.0.0/99999999999",
                "::/129",
                "::ffff:10.0.0.0/8",
                "10.0.0.0 /8",
            })
    void namesTheEntryItCannotRead(String entry) {
        List<String> entries = List.of("127.0.0.0/8", entry);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> CidrList.parse(entries))
                .withMessageStartingWith("\"" + entry + "\": ");
    }
}
