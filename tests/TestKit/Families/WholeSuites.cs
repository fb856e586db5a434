namespace Gateway.TestKit.Families;

/// <summary>A suite's tests as one, for devices that most machines lack: there they are skipped by the family and not by the test.</summary>
public static class WholeSuites
{
    public static async Task VerifyAsync(FamilySuite suite, string family)
    {
        suite.Every_rung_of_the_ladder_is_the_reference_s(family);
        suite.A_prompt_in_one_pass_in_pieces_and_in_the_other_style_of_config_json_gives_the_reference_s_logits(family);
        suite.A_long_prompt_is_the_reference_s_to_its_last_positions(family);
        await suite.Greedy_tokens_and_their_log_probabilities_are_the_reference_s(family);
        await suite.Prompts_of_very_different_length_in_one_batch_give_what_each_gives_alone(family);
        await suite.Sixteen_requests_arriving_at_random_steps_with_shared_prefixes_and_preemption_give_what_each_gives_alone(family);
        if (FamilySuite.Crossing.Any(row => row.Data == family)) await suite.A_sequence_that_grows_past_the_original_context_goes_on_as_the_reference_does(family);
    }

    public static void Verify(VariationSuite suite)
    {
        foreach (var row in VariationSuite.Configurations) suite.A_variation_gives_the_numbers_of_the_reference(row.Data.Item1, row.Data.Item2);
        foreach (var row in VariationSuite.Storages)
            suite.Storage_types_shards_prefixes_and_biases_make_no_difference_but_their_own(row.Data.Item1, row.Data.Item2, row.Data.Item3, row.Data.Item4);
    }
}
