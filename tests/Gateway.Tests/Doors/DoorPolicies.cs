using Gateway.Policies;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Doors;

/// <summary>What a door's policies do now.</summary>
internal static class DoorPolicies
{
    /// <summary>How many calls wait for a place.</summary>
    public static int Waiting(this Door door) => door.Services.GetRequiredService<WaitingRoom>().Count;
}
