using System.Collections.Immutable;
using System.Composition;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Netabase.Generators.CodeFixes;

/// <summary>Gives an unnumbered property (NB0014) the next free number; all of them at once when asked, each another.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(NumberPropertyFix))]
[Shared]
public sealed class NumberPropertyFix : CodeFixProvider
{
    private const string Unnumbered = "NB0014";
    private const string FreeNumber = nameof(FreeNumber);

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [Unnumbered];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            var node = root?.FindNode(diagnostic.Location.SourceSpan);
            if (root is not null && node is PropertyDeclarationSyntax or ParameterSyntax
                && diagnostic.Properties.TryGetValue(FreeNumber, out var text)
                && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        $"Number it with [Field({text})]",
                        _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(node, Numbered(node, number)))),
                        equivalenceKey: Unnumbered),
                    diagnostic);
            }
        }
    }

    private static SyntaxNode Numbered(SyntaxNode node, int number)
    {
        var argument = SyntaxFactory.AttributeArgument(
            SyntaxFactory.LiteralExpression(SyntaxKind.NumericLiteralExpression, SyntaxFactory.Literal(number)));
        var list = SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Attribute(
            SyntaxFactory.ParseName("Field"),
            SyntaxFactory.AttributeArgumentList(SyntaxFactory.SingletonSeparatedList(argument)))));
        if (node is ParameterSyntax parameter)
        {
            // On a parameter of a positional record the attribute must say that it means the property.
            var target = SyntaxFactory.AttributeTargetSpecifier(SyntaxFactory.Token(SyntaxKind.PropertyKeyword)).WithTrailingTrivia(SyntaxFactory.Space);
            return parameter.WithoutLeadingTrivia()
                .WithAttributeLists(parameter.AttributeLists.Insert(0, list.WithTarget(target).WithTrailingTrivia(SyntaxFactory.Space)))
                .WithLeadingTrivia(parameter.GetLeadingTrivia());
        }

        // On a line of its own, as deep as the property; comments stay above.
        var property = (PropertyDeclarationSyntax)node;
        var leading = property.GetLeadingTrivia();
        var indent = leading.LastOrDefault(trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia));
        var bare = property.WithoutLeadingTrivia();
        return bare
            .WithAttributeLists(bare.AttributeLists.Insert(0, list.WithTrailingTrivia(SyntaxFactory.EndOfLine("\n"), indent)))
            .WithLeadingTrivia(leading);
    }
}
