using System.Collections;

namespace Cachet;

/// <summary>Attributes known when a span starts, as samplers want to see them; enumerating them allocates nothing.</summary>
internal sealed class StartAttributes(params KeyValuePair<string, object?>[] attributes) : IEnumerable<KeyValuePair<string, object?>>
{
    [ThreadStatic]
    private static Cursor? _spare;

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        Cursor cursor = _spare ?? new();
        _spare = null; // Whoever enumerates while this one is out gets another.
        return cursor.Over(attributes);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed class Cursor : IEnumerator<KeyValuePair<string, object?>>
    {
        private KeyValuePair<string, object?>[] _attributes = [];
        private int _position;

        public KeyValuePair<string, object?> Current => _attributes[_position];

        object IEnumerator.Current => Current;

        public Cursor Over(KeyValuePair<string, object?>[] attributes)
        {
            _attributes = attributes;
            _position = -1;
            return this;
        }

        public bool MoveNext() => ++_position < _attributes.Length;

        public void Reset() => _position = -1;

        public void Dispose() => _spare = this;
    }
}
