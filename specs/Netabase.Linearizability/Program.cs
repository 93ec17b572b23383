using Netabase.Linearizability;

return CheckProgram.Run(args, Console.In, Console.Out, Console.Error);
