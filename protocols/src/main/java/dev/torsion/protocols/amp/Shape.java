package dev.torsion.protocols.amp;

/// How a record is laid out in a box.
sealed interface Shape<R extends Record> permits Components, Shape.Whole {

    /// What is sent for `record`.
    ///
    /// @throws ClassCastException if it is another type's
    Box encode(Record record) throws AmpException.Unsendable;

    R decode(Box box) throws AmpException.Unreadable;

    /// That of `type`.
    ///
    /// @throws IllegalArgumentException if a component is of a type that neither AMP nor `types`
    ///   has
    static <R extends Record> Shape<R> of(Class<R> type, AmpTypes types) {
        return type == AmpBox.class ? new Whole<>(type) : Components.of(type, types);
    }

    /// As it is.
    ///
    /// @param type [AmpBox]
    record Whole<R extends Record>(Class<R> type) implements Shape<R> {
        @Override
        public Box encode(Record record) {
            Box box = new Box();
            ((AmpBox) record).values().forEach(box::put);
            return box;
        }

        @Override
        public R decode(Box box) {
            return type.cast(new AmpBox(box.arguments()));
        }
    }
}
