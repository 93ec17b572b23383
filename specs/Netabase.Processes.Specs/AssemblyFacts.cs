// Each spec starts several processes; two at once would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
