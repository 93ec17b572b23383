// Each spec starts several processes, which wait for disks and for each other: two specs at once fill two processors.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
