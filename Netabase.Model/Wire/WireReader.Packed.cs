using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Netabase;

/// <summary>Packed lists of numbers, read in one call.</summary>
public ref partial struct WireReader
{
    /// <summary>
    /// Reads a packed list of zigzag varints. Numbers of a list are mostly alike: their widths are branches that the processor
    /// learns, so that it need not wait for one to know where the next begins. Each of the numbers that were counted ends within
    /// the list, so that reading one may look at the bytes of what follows.
    /// </summary>
    public void ReadPacked(ref WireItems<long> into)
    {
        var outer = BeginLength();
        var items = into.Claim(CountVarints());
        var all = _all;
        var at = _at;
        ref var first = ref MemoryMarshal.GetReference(all);
        foreach (ref var item in items)
        {
            ulong value;
            if (all.Length - at < MaxVarint)
            {
                _at = at;
                value = ReadVarint();
                at = _at;
            }
            else
            {
                ref var here = ref Unsafe.Add(ref first, at);
                var word = Unsafe.ReadUnaligned<ulong>(ref here);
                if (!BitConverter.IsLittleEndian)
                {
                    word = BinaryPrimitives.ReverseEndianness(word);
                }

                if ((word & 0x80) == 0)
                {
                    value = word & 0x7F;
                    at++;
                }
                else if ((word & 0x8000) == 0)
                {
                    value = TwoOf(word);
                    at += 2;
                }
                else if ((word & 0x80_0000) == 0)
                {
                    value = ThreeOf(word);
                    at += 3;
                }
                else if ((~word & 0x8080_8080_8080_8080) is not 0 and var ends)
                {
                    value = Sevens.Compact(word & (ends ^ (ends - 1)));
                    at += (BitOperations.TrailingZeroCount(ends) >> 3) + 1;
                }
                else
                {
                    value = Sevens.Compact(word) | TopOf(all, at, out var width);
                    at += width;
                }
            }

            item = (long)(value >> 1) ^ -(long)(value & 1);
        }

        _at = at;
        EndLength(outer);
    }
}
