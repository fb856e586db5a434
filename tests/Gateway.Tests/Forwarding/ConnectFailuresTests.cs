using System.Net.Sockets;
using System.Security.Authentication;
using Gateway.Forwarding;

namespace Gateway.Tests.Forwarding;

public class ConnectFailuresTests
{
    [Theory]
    [InlineData(SocketError.ConnectionRefused, "refused")]
    [InlineData(SocketError.HostNotFound, "its name is not known")]
    [InlineData(SocketError.NoData, "its name is not known")]
    [InlineData(SocketError.TryAgain, "its name server does not answer")]
    [InlineData(SocketError.HostUnreachable, "no way there")]
    [InlineData(SocketError.TooManyOpenSockets, "no more sockets")]
    [InlineData(SocketError.ConnectionReset, "ConnectionReset")]
    public void What_a_socket_says_is_said_in_words(SocketError error, string words) =>
        ConnectFailures.Of(new HttpRequestException("10.0.0.7:8000 is not there", new SocketException((int)error)), static text => text).ShouldBe(words);

    [Fact]
    public void What_tls_says_is_said_without_addresses_and_is_one_item_of_a_list()
    {
        var error = new HttpRequestException("The SSL connection could not be established", new AuthenticationException("host.test: NotTimeValid, UntrustedRoot"));

        ConnectFailures.Of(error, static text => text.Replace("host.test", "east")).ShouldBe("TLS: east: NotTimeValid and UntrustedRoot");
    }

    [Fact]
    public void What_says_nothing_has_no_words()
    {
        ConnectFailures.Of(null, static text => text).ShouldBeNull();
        ConnectFailures.Of(new IOException("something"), static text => text).ShouldBeNull();
    }
}
