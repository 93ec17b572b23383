using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Netabase.Generators;

/// <summary>Everything that can be wrong with a model; each says in one sentence what to do.</summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor NotPartial = Error("NB0001", "A model must be partial", "Make '{0}' partial: the generator writes the other part of it");
    public static readonly DiagnosticDescriptor ContainerNotPartial = Error("NB0002", "A type around a model must be partial", "Make '{0}' partial: '{1}' lies within it, and the generator writes the other part of both");
    public static readonly DiagnosticDescriptor NotARecord = Error("NB0003", "A model is a plain record", "'{0}' cannot be a model or a value because it is {1}");
    public static readonly DiagnosticDescriptor NoPrimaryKey = Error("NB0004", "A model has a primary key", "Give '{0}' a property with [PrimaryKey(n)]: it names each record");
    public static readonly DiagnosticDescriptor TwoPrimaryKeys = Error("NB0005", "A model has one primary key", "'{0}' is a second primary key beside '{1}'; make one of them a secondary key, or make both the fields of one [NetabaseValue] that is the key");
    public static readonly DiagnosticDescriptor DuplicateNumber = Error("NB0006", "A field number is given once", "Field number {0} of '{1}' is already that of '{2}'; {3} is free");
    public static readonly DiagnosticDescriptor NumberOutOfRange = Error("NB0007", "A field number is one that protobuf allows", "Field number {0} of '{1}' is not between 1 and 536870911, or lies in 19000 to 19999, which protobuf keeps for itself; {2} is free");
    public static readonly DiagnosticDescriptor NumberReserved = Error("NB0008", "A reserved field number is not used again", "Field number {0} of '{1}' is reserved because records of earlier versions hold something else under it; {2} is free");
    public static readonly DiagnosticDescriptor DuplicateTag = Error("NB0009", "A model's tag is its own", "Tag {0} of '{1}' is already that of '{2}' in the same definition");
    public static readonly DiagnosticDescriptor TagOutOfRange = Error("NB0010", "A model's tag is between 1 and 65535", "Tag {0} of '{1}' is not between 1 and 65535");
    public static readonly DiagnosticDescriptor NoDefinition = Error("NB0011", "A model belongs to a definition", "Put '{0}' inside a static partial class with [NetabaseDefinition(\"name\")]: the name is the first part of its records' keys");
    public static readonly DiagnosticDescriptor BadDefinitionName = Error("NB0012", "A definition's name follows the rule for wire names", "'{0}' cannot be a definition's name: it has 1 to 64 characters of a-z 0-9 . - _ and begins with a letter");
    public static readonly DiagnosticDescriptor DefinitionNotStatic = Error("NB0013", "A definition is a static partial class", "Make '{0}' a static partial class that is not generic: it only holds models");
    public static readonly DiagnosticDescriptor Unnumbered = Error("NB0014", "A stored property has a number", "Give '{0}' a number with [Field({1})], or say [NotStored] if it is not part of the record");
    public static readonly DiagnosticDescriptor TwoRoles = Error("NB0015", "A property has one role", "'{0}' has more than one of [PrimaryKey], [SecondaryKey], [Field] and [NotStored]; keep one");
    public static readonly DiagnosticDescriptor UnsupportedType = Error("NB0016", "A property's type can be stored", "'{0}' of '{1}' cannot be stored: {2}");
    public static readonly DiagnosticDescriptor NotAValue = Error("NB0017", "A nested record is a value", "Put [NetabaseValue] on '{0}' and number its properties, so that '{1}' can hold one");
    public static readonly DiagnosticDescriptor Unorderable = Error("NB0018", "A key can be ordered", "'{0}' cannot be a key because {1} has no order; numbers, text, guids, dates, enums, bytes and values made of them have");
    public static readonly DiagnosticDescriptor NullablePrimaryKey = Error("NB0019", "A primary key is not null", "Make '{0}' not nullable: a primary key names its record, and null names none");
    public static readonly DiagnosticDescriptor NotSettable = Error("NB0020", "A stored property can be set", "Give '{0}' an init or set accessor: a record that is read must get its value back");
    public static readonly DiagnosticDescriptor ReservedName = Error("NB0021", "A name that the generator needs is free", "Give '{0}' another name: the generator writes a member of that name into '{1}'");
    public static readonly DiagnosticDescriptor Endless = Error("NB0022", "A value that holds itself has an end", "'{0}' always holds another '{1}', so no value of it can ever end; make it nullable or a list");
    public static readonly DiagnosticDescriptor KeyOfAValue = Error("NB0023", "Only a model has keys", "'{0}' belongs to a value, which has no keys of its own; use [Field({1})]");
    public static readonly DiagnosticDescriptor WithoutEffect = Warning("NB0024", "A numbered property belongs to a model", "The number of '{0}' has no effect because '{1}' has neither [NetabaseModel] nor [NetabaseValue]");

    public static readonly ImmutableArray<DiagnosticDescriptor> All =
    [
        NotPartial, ContainerNotPartial, NotARecord, NoPrimaryKey, TwoPrimaryKeys, DuplicateNumber, NumberOutOfRange, NumberReserved,
        DuplicateTag, TagOutOfRange, NoDefinition, BadDefinitionName, DefinitionNotStatic, Unnumbered, TwoRoles, UnsupportedType,
        NotAValue, Unorderable, NullablePrimaryKey, NotSettable, ReservedName, Endless, KeyOfAValue, WithoutEffect,
    ];

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "Netabase", DiagnosticSeverity.Error, isEnabledByDefault: true);

    private static DiagnosticDescriptor Warning(string id, string title, string message) =>
        new(id, title, message, "Netabase", DiagnosticSeverity.Warning, isEnabledByDefault: true);
}
