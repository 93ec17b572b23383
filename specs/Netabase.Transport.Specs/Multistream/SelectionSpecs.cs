using System.Text;
using Netabase.Transport.Connections;
using Netabase.Transport.Multistream;

namespace Netabase.Transport.Specs.Multistream;

/// <summary>The two state machines against each other and against hand-written bytes; scenarios of go-multistream's test suite.</summary>
public sealed class SelectionSpecs
{
    private static readonly ProtocolTable Table = new([new ProtocolId("/a"), new ProtocolId("/b"), new ProtocolId("/c")]);

    [Fact]
    public void Both_agree_on_a_protocol_that_both_speak() => Assert.Equal("/a", Negotiate(["/a"])?.Name);

    [Fact]
    public void The_first_of_the_proposals_that_is_spoken_is_selected() => Assert.Equal("/c", Negotiate(["/d", "/e", "/c", "/a"])?.Name);

    [Fact]
    public void When_nothing_is_spoken_the_selection_is_refused() => Assert.Null(Negotiate(["/x", "/y", "/z"]));

    [Fact]
    public void A_protocol_that_was_removed_is_not_agreed_to()
    {
        Assert.NotNull(Negotiate(["/b"]));
        Assert.Null(Negotiate(["/b"], new ProtocolTable(Table.Protocols.Remove(new ProtocolId("/b")))));
    }

    [Fact]
    public void A_protocol_named_twice_counts_once()
    {
        var table = new ProtocolTable([new ProtocolId("/a"), new ProtocolId("/a")]);
        Assert.Single(table.Protocols);
        Assert.Equal("/a", Negotiate(["/a"], table)?.Name);
    }

    [Fact]
    public void The_longest_name_can_be_negotiated()
    {
        var name = new string('x', 1023);
        Assert.Equal(name, Negotiate([name], new ProtocolTable([new ProtocolId(name)]))?.Name);
    }

    [Fact]
    public void Names_are_compared_byte_by_byte() => Assert.Null(Negotiate(["/A", "/a/", "/ａ", " /a"]));

    [Fact]
    public void The_responder_holds_its_header_back_to_leave_with_its_answer()
    {
        var responder = default(MultistreamResponder);
        var answer = new byte[MultistreamResponder.MaxAnswer];
        byte[] received = [.. MultistreamMessage.Header, 3, (byte)'/'];
        Assert.Null(responder.Step(received, Table, answer, out var consumed, out var answered));
        Assert.Equal((20, 0), (consumed, answered));
        Assert.Equal("/a", responder.Step("\u0003/a\n"u8, Table, answer, out _, out answered)?.Name);
        Assert.Equal("\u0013/multistream/1.0.0\n\u0003/a\n", Encoding.UTF8.GetString(answer.AsSpan(0, answered)));
    }

    [Fact]
    public void A_peer_that_waits_for_our_header_before_it_proposes_gets_it()
    {
        var responder = default(MultistreamResponder);
        var answer = new byte[MultistreamResponder.MaxAnswer];
        responder.Step(MultistreamMessage.Header, Table, answer, out _, out var answered);
        Assert.Equal(20, answered);
        Assert.NotNull(responder.Step("\u0003/a\n"u8, Table, answer, out _, out answered));
        Assert.Equal(4, answered);
    }

    [Fact]
    public void What_follows_the_agreed_proposal_is_left_to_the_protocol()
    {
        var responder = default(MultistreamResponder);
        byte[] received = [.. MultistreamMessage.Header, .. "\u0003/b\nhello"u8];
        responder.Step(received, Table, new byte[MultistreamResponder.MaxAnswer], out var consumed, out _);
        Assert.Equal("hello", Encoding.UTF8.GetString(received.AsSpan(consumed)));
    }

    [Theory]
    [InlineData("\u0013/multistream/2.0.0\n")]
    [InlineData("\u0003/a\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    public void Another_header_ends_the_negotiation_on_either_side(string header)
    {
        var bytes = Encoding.UTF8.GetBytes(header.PadRight(100, ' '));
        var responder = default(MultistreamResponder);
        var initiator = new MultistreamInitiator(new ProtocolId("/a"));
        Assert.Equal(TransportError.ProtocolViolation, Assert.Throws<TransportException>(
            () => responder.Step(bytes, Table, new byte[MultistreamResponder.MaxAnswer], out _, out _)).Error);
        Assert.Equal(TransportError.ProtocolViolation, Assert.Throws<TransportException>(() => initiator.Step(bytes, out _)).Error);
    }

    [Fact]
    public void An_answer_that_is_neither_the_proposal_nor_na_ends_the_negotiation()
    {
        var initiator = new MultistreamInitiator(new ProtocolId("/a"));
        byte[] received = [.. MultistreamMessage.Header, .. "\u0003/b\n"u8];
        Assert.Equal(TransportError.ProtocolViolation, Assert.Throws<TransportException>(() => initiator.Step(received, out _)).Error);
    }

    [Fact]
    public void A_peer_that_proposes_without_end_is_cut_off()
    {
        var responder = default(MultistreamResponder);
        var answer = new byte[MultistreamResponder.MaxAnswer];
        responder.Step(MultistreamMessage.Header, Table, answer, out _, out _);
        for (var i = 0; i < MultistreamResponder.MaxProposals; i++)
            Assert.Null(responder.Step("\u0003/x\n"u8, Table, answer, out _, out _));
        Assert.Throws<TransportException>(() => responder.Step("\u0003/x\n"u8, Table, answer, out _, out _));
    }

    [Fact]
    public void The_obsolete_ls_is_a_protocol_nobody_speaks() => Assert.Null(Negotiate(["ls"]));

    [Fact]
    public void No_bytes_whatever_make_a_decoder_fail_otherwise_than_by_its_own_error()
    {
        var seed = Randomness.Seed();
        var random = new Random(seed);
        for (var run = 0; run < Randomness.Count(20_000, 2_000_000); run++)
        {
            byte[] bytes = [.. random.Next(2) == 0 ? MultistreamMessage.Header : default, .. Randomness.Bytes(random, 40), .. "\u0003/a\n"u8];
            if (random.Next(2) == 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var responder = default(MultistreamResponder);
            var initiator = new MultistreamInitiator(new ProtocolId("/a"));
            Randomness.OnlyRefuses(seed, run, () =>
            {
                var pending = bytes.AsSpan();
                while (responder.Step(pending, Table, new byte[MultistreamResponder.MaxAnswer], out var consumed, out _) is null && consumed > 0)
                    pending = pending[consumed..];
                Assert.True(responder.Wanted(pending) > 0);
            });
            Randomness.OnlyRefuses(seed, run, () => initiator.Step(bytes, out _));
        }
    }

    private static ProtocolId? Negotiate(string[] proposals, ProtocolTable? table = null)
    {
        var initiator = new MultistreamInitiator([.. proposals.Select(name => new ProtocolId(name))]);
        var responder = default(MultistreamResponder);
        var wire = new byte[initiator.OpeningLength];
        initiator.WriteOpening(wire);
        var answer = new byte[MultistreamResponder.MaxAnswer];
        while (true)
        {
            var theirs = responder.Step(wire, table ?? Table, answer, out var consumed, out var answered);
            Assert.Equal(wire.Length, consumed);
            var state = initiator.Step(answer.AsSpan(0, answered), out consumed);
            Assert.Equal(answered, consumed);
            if (state == SelectionState.Refused) return null;
            if (state == SelectionState.Agreed)
            {
                Assert.Equal(theirs, initiator.Proposal);
                return theirs;
            }

            Assert.Equal(SelectionState.ProposeNext, state);
            wire = new byte[MultistreamMessage.LengthOf(initiator.Proposal)];
            initiator.WriteProposal(wire);
        }
    }
}
